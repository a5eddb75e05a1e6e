-- MySQL dump 10.13  Distrib 8.0.35, for Linux (x86_64)
CREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` text, `submitted_by` text);
INSERT INTO `journals` VALUES (90,"p","create","2023-11-22 15:00:00","ana");
