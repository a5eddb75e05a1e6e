PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE journals(id INTEGER PRIMARY KEY, name TEXT, version TEXT, action TEXT, submitted_date TEXT, submitted_by TEXT);
INSERT INTO journals VALUES(81,'whole','1','create','2023-11-22 08:50:01','ana');
INSERT INTO journals VALUES(82,'cut; COMMIT;
