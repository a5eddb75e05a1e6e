/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19
CREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` text, `submitted_by` text);
INSERT INTO `journals` VALUES
(20,'spam','create','2023-11-22 08:01:00','ana'),
(21,'two
lines','create','2023-11-22 08:01:01',N'ana');
INSERT INTO `stock` (`a`) VALUES (1),(2);
-- Dump completed on 2023-11-22 12:00:00
