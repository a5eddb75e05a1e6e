PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE journals(id INT, name TEXT, version, action TEXT, submitted_date TEXT, submitted_by TEXT);
INSERT INTO journals(rowid,id,name,version,"action",submitted_date,submitted_by) VALUES(1,50,'r',1e999,'create','2023-11-22 08:20:00','ana');
INSERT INTO journals(rowid,id,name,version,"action",submitted_date,submitted_by) VALUES(2,51,'r',0.3000000000000000444,'create','2023-11-22 08:20:01','ana');
INSERT INTO journals(rowid,id,name,version,"action",submitted_date,submitted_by) VALUES(3,52,'r',X'00ff','create','2023-11-22 08:20:02','ana');
INSERT INTO journals(rowid,id,name,version,"action",submitted_date,submitted_by) VALUES(4,53,'r',-1.4999999999999999321e-07,'create','2023-11-22 08:20:03','ana');
COMMIT;
