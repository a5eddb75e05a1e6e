PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE journals(id INTEGER PRIMARY KEY, name TEXT, version TEXT, action TEXT, submitted_date TEXT, submitted_by TEXT);
INSERT INTO journals VALUES(70,'before','1','create','2023-11-22 08:40:00','ana');
/****** CORRUPTION ERROR *******/
INSERT INTO journals VALUES(79,'behind','1','create','2023-11-22 08:40:01','ana');
/**** ERROR: (11) database disk image is malformed *****/
ROLLBACK; -- due to errors
