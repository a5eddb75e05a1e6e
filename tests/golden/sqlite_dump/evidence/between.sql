PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE journals(id INTEGER PRIMARY KEY, name TEXT, version TEXT, action TEXT, submitted_date TEXT, submitted_by TEXT);
INSERT INTO journals VALUES(80,'whole','1','create','2023-11-22 08:50:00','ana');
