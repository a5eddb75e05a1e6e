-- MySQL dump 10.13  Distrib 8.0.35, for Linux (x86_64)
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*M!100616 SET @x=1 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `main` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
USE `main`;
DROP TABLE IF EXISTS `journals`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `journals` (
  `id` int NOT NULL AUTO_INCREMENT COMMENT 'a, b; (c',
  `name` text,
  `version` text,
  `action` enum('create','new release') DEFAULT NULL,
  `submitted_date` datetime(6) DEFAULT NULL,
  `submitted_by` varchar(50),
  PRIMARY KEY (`id`),
  KEY `by` (`submitted_by`(10),`name`(5))
) ENGINE=InnoDB;
LOCK TABLES `journals` WRITE;
/*!40000 ALTER TABLE `journals` DISABLE KEYS */;
INSERT INTO `journals` VALUES (1,'it''s \'spam\'',NULL,'create','2023-11-22 08:00:00.100000','ana'),(2,'spam','',_binary 'new release','2023-11-22 08:00:01.000000',0x616E61),
(3,'a),(b;','1\n\t\\\%\Z','create','2023-11-22 08:00:02.000000',x'616e61'),(4,'p',0xFF00,'create','2023-11-22 08:00:03.000000',"ana ""q""");
INSERT IGNORE INTO `journals` (`submitted_by`, `id`, `submitted_date`, `action`, `name`) VALUES ('bob',5,'2023-11-22 08:00:04','create','spam, eggs');
REPLACE INTO `journals` VALUES (6,'short');
INSERT INTO `journals` VALUES (7,'spam',NULL,'create','2023-11-22 08:00:05','ana'),(8,'spam' 1,NULL,'create','2023-11-22 08:00:06','ana'),(0,'lost',NULL,'create','2023-11-22 08:00:06','ana'),
(9,'spam',NULL,'create','2023-11-22 08:00:06','ana');
INSERT INTO `unnamed` VALUES (1);
DELIMITER ;;
/*!50003 CREATE TRIGGER t BEFORE INSERT ON `journals` FOR EACH ROW BEGIN INSERT INTO `journals` VALUES (99,'t',NULL,'create','2023-11-22 09:00:00','t'); END */;;
DELIMITER ;
USE `other`;
CREATE TABLE `journals` (`submitted_by` text, `submitted_date` text, `action` text, `name` text, `id` int);
INSERT INTO `journals` VALUES ('ana','2023-11-22 08:00:07','create','other',10);
# remark ; '
INSERT INTO `journals` VALUES ('ana','2023-11-22 08:00:08','create','open,11);
