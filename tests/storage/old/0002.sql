BEGIN TRANSACTION;
CREATE TABLE archived (
	stream TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	head TEXT NOT NULL, 
	archive TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (stream), 
	FOREIGN KEY(stream) REFERENCES documents (stream)
);
CREATE TABLE claims (
	claim TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	PRIMARY KEY (claim), 
	FOREIGN KEY(stream) REFERENCES documents (stream)
);
INSERT INTO "claims" VALUES('external/web/W1','order/O-1');
INSERT INTO "claims" VALUES('external/web/W2','order/O-2');
CREATE TABLE counter (
	name TEXT NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counter" VALUES('seq',6);
CREATE TABLE document_apart (
	stream TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (stream, mark), 
	FOREIGN KEY(stream) REFERENCES documents (stream)
);
INSERT INTO "document_apart" VALUES('order/O-1','personal','{"head.note":"ring Ann Miller, 1"}');
INSERT INTO "document_apart" VALUES('order/O-1','price','{"lines.0.ask.unit_price":"19.99"}');
INSERT INTO "document_apart" VALUES('order/O-2','personal','{"head.note":"ring Ann Miller, 2"}');
INSERT INTO "document_apart" VALUES('order/O-2','price','{"lines.0.ask.unit_price":"19.99"}');
CREATE TABLE documents (
	stream TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	head TEXT NOT NULL, 
	text TEXT NOT NULL, 
	labels TEXT NOT NULL, 
	claims TEXT NOT NULL, 
	PRIMARY KEY (stream)
);
INSERT INTO "documents" VALUES('order/O-1','order',3,'560b1c8425d39bc35190c4d454d9e7071b77dcf7ff699e630e99837ec199907e','{"arrivals":[],"changes":[],"charges":[],"clarifications":[],"feedback":[],"head":{"channel":"web","currency":"EUR","customer_id":"C1","external_ref":"W1","extra":{},"kind":"order","order_id":"O-1","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"holds":[{"about":[],"blocks":["ship","confirm","release"],"hold_id":"H1","placed_at":"2026-03-02T08:30:15.123457Z","placed_by":"ann","reason":"ask first","released_at":"2026-03-02T08:30:15.123457Z","released_by":"ann","type":"manual"}],"inspections":[],"lines":[{"ask":{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-03T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]},"counts":{"allocated":"0","cancelled":"0","credited":"0","delivered":"0","from_stock":"0","invoiced":"0","ordered":"12.5","packed":"0","produced":"0","qc_passed":"0","qc_rejected":"0","replaced":"0","return_accepted":"0","return_received":"0","reworked":"0","scrapped":"0","shipped":"0"},"dates":{},"over":"0"}],"notices":[],"parts":[],"returns":[],"review_used":0,"reviews":[],"revision":1,"shipments":[],"state":"draft","version":3}','{"channel":"web","content":"3795d30950d631a3","customer":"C1","due":"2026-03-03T08:30:15.123457+00:00","kind":"order","open":"1","state":"draft"}','["external/web/W1"]');
INSERT INTO "documents" VALUES('order/O-2','order',1,'33a8da1a1337d25f43c11e869914684c26662773a9640a162df5343ed730b7dd','{"arrivals":[],"changes":[],"charges":[],"clarifications":[],"feedback":[],"head":{"channel":"web","currency":"EUR","customer_id":"C2","external_ref":"W2","extra":{},"kind":"order","order_id":"O-2","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"holds":[],"inspections":[],"lines":[{"ask":{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-04T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]},"counts":{"allocated":"0","cancelled":"0","credited":"0","delivered":"0","from_stock":"0","invoiced":"0","ordered":"12.5","packed":"0","produced":"0","qc_passed":"0","qc_rejected":"0","replaced":"0","return_accepted":"0","return_received":"0","reworked":"0","scrapped":"0","shipped":"0"},"dates":{},"over":"0"}],"notices":[],"parts":[],"returns":[],"review_used":0,"reviews":[],"revision":1,"shipments":[],"state":"draft","version":1}','{"channel":"web","content":"19aeefa37d95695a","customer":"C2","due":"2026-03-04T08:30:15.123457+00:00","kind":"order","open":"1","state":"draft"}','["external/web/W2"]');
INSERT INTO "documents" VALUES('stock/TABLE@','stock',2,'e753dcb3d1d9b98ee4a6a722f12cce5640724aa24a1a89a59083362bae8c39d0','{"blocked":"0","in_inspection":"0","item_id":"TABLE","on_hand":"100","reservations":[{"line_no":"1","order_id":"O-1","quantity":"12.5"}],"safety":"0","site":"","version":2}','{"item":"TABLE","site":""}','[]');
CREATE TABLE event_apart (
	stream TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	mark TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	salt TEXT, 
	text TEXT, 
	PRIMARY KEY (stream, version, mark), 
	FOREIGN KEY(stream, version) REFERENCES events (stream, version)
);
INSERT INTO "event_apart" VALUES('order/O-1',1,'personal','4d4190eb5a0a7acb83a1410bef5f5945c52f34215e1221fe97db1b5661f183c0','94f8425996af3d6541f86ebddf63c456','{"head.note":"ring Ann Miller, 1"}');
INSERT INTO "event_apart" VALUES('order/O-1',1,'price','fb1470ce743fcf8210c2d0c18332d1e0115a167ec9c64ec93ae20367923fb2cf','992638f0fa6d3ebdfffdab2f808b29eb','{"lines.0.unit_price":"19.99"}');
INSERT INTO "event_apart" VALUES('order/O-2',1,'personal','958c3aee1ad4a884193eb9be900865d3707eacfdfc90470a429be1c018fc3eeb','d38b893fb99641664a0a5920daae72b7','{"head.note":"ring Ann Miller, 2"}');
INSERT INTO "event_apart" VALUES('order/O-2',1,'price','e81214baac8c5a53e12ea8fb65d36602fe60f83edc7e4473bdb0224b1b641c6d','2e472a502bd031d222425f93aa7df4b7','{"lines.0.unit_price":"19.99"}');
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor TEXT NOT NULL, 
	role TEXT NOT NULL, 
	type TEXT NOT NULL, 
	data TEXT NOT NULL, 
	why TEXT, 
	previous TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT events_of_stream UNIQUE (stream, version)
);
INSERT INTO "events" VALUES(1,'order/O-1',1,'2026-03-02 08:30:15.123457','ann','sales','OrderReceived','{"head":{"channel":"web","currency":"EUR","customer_id":"C1","external_ref":"W1","extra":{},"kind":"order","order_id":"O-1","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"lines":[{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-03T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]}]}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','60717bffc8bdd37a0bf6cb5daf077c5bf18c5e27dd6aeb4227d3919e4b02f0fa');
INSERT INTO "events" VALUES(2,'order/O-1',2,'2026-03-02 08:31:15.123457','ann','sales','HoldPlaced','{"hold":{"about":[],"blocks":["ship","confirm","release"],"hold_id":"H1","placed_at":"2026-03-02T08:30:15.123457Z","placed_by":"ann","reason":"ask first","type":"manual"}}',NULL,'60717bffc8bdd37a0bf6cb5daf077c5bf18c5e27dd6aeb4227d3919e4b02f0fa','989440d666a8efbd39c3d33ade2d4aa5b8f8945e6218e0c609acd6eaaef8095d');
INSERT INTO "events" VALUES(3,'order/O-2',1,'2026-03-02 08:30:15.123457','ann','sales','OrderReceived','{"head":{"channel":"web","currency":"EUR","customer_id":"C2","external_ref":"W2","extra":{},"kind":"order","order_id":"O-2","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"lines":[{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-04T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]}]}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','33a8da1a1337d25f43c11e869914684c26662773a9640a162df5343ed730b7dd');
INSERT INTO "events" VALUES(4,'stock/TABLE@',1,'2026-03-02 08:30:15.123457','ann','sales','StockMoved','{"blocked":"0","in_inspection":"0","item_id":"TABLE","on_hand":"100","site":""}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','ebc6f826799b5194d13fbb3fe340456ec6307a984fd46f580c6ecc6e5a1d11f7');
INSERT INTO "events" VALUES(5,'stock/TABLE@',2,'2026-03-02 08:30:15.123457','ann','sales','StockReserved','{"item_id":"TABLE","line_no":"1","order_id":"O-1","quantity":"12.5","site":""}',NULL,'ebc6f826799b5194d13fbb3fe340456ec6307a984fd46f580c6ecc6e5a1d11f7','e753dcb3d1d9b98ee4a6a722f12cce5640724aa24a1a89a59083362bae8c39d0');
INSERT INTO "events" VALUES(6,'order/O-1',3,'2026-03-02 08:30:15.123457','ann','sales','HoldReleased','{"hold_id":"H1"}',NULL,'989440d666a8efbd39c3d33ade2d4aa5b8f8945e6218e0c609acd6eaaef8095d','560b1c8425d39bc35190c4d454d9e7071b77dcf7ff699e630e99837ec199907e');
CREATE TABLE labels (
	stream TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (stream, name), 
	FOREIGN KEY(stream) REFERENCES documents (stream)
)
 WITHOUT ROWID

;
INSERT INTO "labels" VALUES('order/O-1','channel','order','web');
INSERT INTO "labels" VALUES('order/O-2','channel','order','web');
INSERT INTO "labels" VALUES('order/O-2','content','order','19aeefa37d95695a');
INSERT INTO "labels" VALUES('order/O-1','content','order','3795d30950d631a3');
INSERT INTO "labels" VALUES('order/O-1','customer','order','C1');
INSERT INTO "labels" VALUES('order/O-2','customer','order','C2');
INSERT INTO "labels" VALUES('order/O-1','due','order','2026-03-03T08:30:15.123457+00:00');
INSERT INTO "labels" VALUES('order/O-2','due','order','2026-03-04T08:30:15.123457+00:00');
INSERT INTO "labels" VALUES('order/O-1','kind','order','order');
INSERT INTO "labels" VALUES('order/O-2','kind','order','order');
INSERT INTO "labels" VALUES('order/O-1','open','order','1');
INSERT INTO "labels" VALUES('order/O-2','open','order','1');
INSERT INTO "labels" VALUES('order/O-1','state','order','draft');
INSERT INTO "labels" VALUES('order/O-2','state','order','draft');
INSERT INTO "labels" VALUES('stock/TABLE@','item','stock','TABLE');
INSERT INTO "labels" VALUES('stock/TABLE@','site','stock','');
CREATE TABLE orderopt_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT orderopt_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "orderopt_schema" VALUES('0002');
CREATE INDEX documents_by_kind ON documents (kind, stream);
CREATE INDEX labels_by_value ON labels (kind, name, value, stream);
CREATE INDEX claims_by_stream ON claims (stream);
COMMIT;
