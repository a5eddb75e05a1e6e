-- MariaDB dump 10.19
/*!40101 SET NAMES big5 */;
CREATE TABLE `journals` (`id` int, `name` text, `version` text, `action` text, `submitted_date` text, `submitted_by` text);
INSERT INTO `journals` VALUES (1,'³\',NULL,'create','2023-11-22 08:00:00','¥\'),(2,'x³\\',(',NULL,'create','2023-11-22 08:00:01','¥\');
/*!40101 SET NAMES klingon */;
INSERT INTO `journals` VALUES (3,'é',NULL,'create','2023-11-22 08:00:02','ana');
/*!40101 SET NAMES latin1 */;
INSERT INTO `journals` VALUES (4,'café',NULL,'create','2023-11-22 08:00:03','ana');
-- Dump completed on 2023-11-22 12:00:00
