BEGIN TRANSACTION;
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
INSERT INTO "documents" VALUES('order/O-1','order',3,'11d43e0472665216bdf34f616196973273017c561cc3568d48430860ee9b9d9c','{"arrivals":[],"changes":[],"charges":[],"clarifications":[],"feedback":[],"head":{"channel":"web","currency":"EUR","customer_id":"C1","external_ref":"W1","extra":{},"kind":"order","order_id":"O-1","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"holds":[{"about":[],"blocks":["confirm","ship","release"],"hold_id":"H1","placed_at":"2026-03-02T08:30:15.123457Z","placed_by":"ann","reason":"ask first","released_at":"2026-03-02T08:30:15.123457Z","released_by":"ann","type":"manual"}],"inspections":[],"lines":[{"ask":{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-03T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]},"counts":{"allocated":"0","cancelled":"0","credited":"0","delivered":"0","from_stock":"0","invoiced":"0","ordered":"12.5","packed":"0","produced":"0","qc_passed":"0","qc_rejected":"0","replaced":"0","return_accepted":"0","return_received":"0","reworked":"0","scrapped":"0","shipped":"0"},"dates":{},"over":"0"}],"notices":[],"parts":[],"returns":[],"review_used":0,"reviews":[],"revision":1,"shipments":[],"state":"draft","version":3}','{"channel":"web","content":"3795d30950d631a3","customer":"C1","due":"2026-03-03T08:30:15.123457+00:00","kind":"order","open":"1","state":"draft"}','["external/web/W1"]');
INSERT INTO "documents" VALUES('order/O-2','order',1,'3031c793c5886b429a1b9b0cb97e7399324cbb2043981277cd72729ec921661b','{"arrivals":[],"changes":[],"charges":[],"clarifications":[],"feedback":[],"head":{"channel":"web","currency":"EUR","customer_id":"C2","external_ref":"W2","extra":{},"kind":"order","order_id":"O-2","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"holds":[],"inspections":[],"lines":[{"ask":{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-04T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]},"counts":{"allocated":"0","cancelled":"0","credited":"0","delivered":"0","from_stock":"0","invoiced":"0","ordered":"12.5","packed":"0","produced":"0","qc_passed":"0","qc_rejected":"0","replaced":"0","return_accepted":"0","return_received":"0","reworked":"0","scrapped":"0","shipped":"0"},"dates":{},"over":"0"}],"notices":[],"parts":[],"returns":[],"review_used":0,"reviews":[],"revision":1,"shipments":[],"state":"draft","version":1}','{"channel":"web","content":"19aeefa37d95695a","customer":"C2","due":"2026-03-04T08:30:15.123457+00:00","kind":"order","open":"1","state":"draft"}','["external/web/W2"]');
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
INSERT INTO "event_apart" VALUES('order/O-1',1,'personal','6c7ceccd1b38b962e88c8dec05d4a15a825ac62b592824b3b7beb5cf5f78c912','6db64ba2ba4726532308c0b9dd264d3a','{"head.note":"ring Ann Miller, 1"}');
INSERT INTO "event_apart" VALUES('order/O-1',1,'price','8445f3742a2662f6f68239e3520cdfd473068ebf25ce0e28f45102b6fb25fa88','4f3356416cbb8f604680f1ceb7864fe4','{"lines.0.unit_price":"19.99"}');
INSERT INTO "event_apart" VALUES('order/O-2',1,'personal','cc4047eb2bf32b50022a2221be74271a4c8ff15ce0229606d90df6bbe67591cd','e376c8d1bab39b2ec39b47ad3619681c','{"head.note":"ring Ann Miller, 2"}');
INSERT INTO "event_apart" VALUES('order/O-2',1,'price','a6e460d67cfc5895969edd8b162cd565eb203b886471f66d796706a1842d829f','b57403a9db987ef3072eb1eaef834edf','{"lines.0.unit_price":"19.99"}');
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
INSERT INTO "events" VALUES(1,'order/O-1',1,'2026-03-02 08:30:15.123457','ann','sales','OrderReceived','{"head":{"channel":"web","currency":"EUR","customer_id":"C1","external_ref":"W1","extra":{},"kind":"order","order_id":"O-1","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"lines":[{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-03T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]}]}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','5155ec5b3d7c2e46daa326e567cc93a752fb61c5ae6f7ed684e1d6658bc9b84c');
INSERT INTO "events" VALUES(2,'order/O-1',2,'2026-03-02 08:31:15.123457','ann','sales','HoldPlaced','{"hold":{"about":[],"blocks":["confirm","ship","release"],"hold_id":"H1","placed_at":"2026-03-02T08:30:15.123457Z","placed_by":"ann","reason":"ask first","type":"manual"}}',NULL,'5155ec5b3d7c2e46daa326e567cc93a752fb61c5ae6f7ed684e1d6658bc9b84c','6d88ab5efcdaa350c1b0473c3e3c3e51100808d7851a2911692ae52d9512e826');
INSERT INTO "events" VALUES(3,'order/O-2',1,'2026-03-02 08:30:15.123457','ann','sales','OrderReceived','{"head":{"channel":"web","currency":"EUR","customer_id":"C2","external_ref":"W2","extra":{},"kind":"order","order_id":"O-2","party":{},"prices_include_tax":false,"priority":"1","received_at":"2026-03-02T08:30:15.123457Z","special_requirements":[]},"lines":[{"discount":"0","extra":{},"item_id":"TABLE","line_no":"1","may_split":true,"quantity":"12.5","requested_at":"2026-03-04T08:30:15.123457Z","ship_policy":"any","spec":{},"special_requirements":[]}]}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','3031c793c5886b429a1b9b0cb97e7399324cbb2043981277cd72729ec921661b');
INSERT INTO "events" VALUES(4,'stock/TABLE@',1,'2026-03-02 08:30:15.123457','ann','sales','StockMoved','{"blocked":"0","in_inspection":"0","item_id":"TABLE","on_hand":"100","site":""}',NULL,'0000000000000000000000000000000000000000000000000000000000000000','ebc6f826799b5194d13fbb3fe340456ec6307a984fd46f580c6ecc6e5a1d11f7');
INSERT INTO "events" VALUES(5,'stock/TABLE@',2,'2026-03-02 08:30:15.123457','ann','sales','StockReserved','{"item_id":"TABLE","line_no":"1","order_id":"O-1","quantity":"12.5","site":""}',NULL,'ebc6f826799b5194d13fbb3fe340456ec6307a984fd46f580c6ecc6e5a1d11f7','e753dcb3d1d9b98ee4a6a722f12cce5640724aa24a1a89a59083362bae8c39d0');
INSERT INTO "events" VALUES(6,'order/O-1',3,'2026-03-02 08:30:15.123457','ann','sales','HoldReleased','{"hold_id":"H1"}',NULL,'6d88ab5efcdaa350c1b0473c3e3c3e51100808d7851a2911692ae52d9512e826','11d43e0472665216bdf34f616196973273017c561cc3568d48430860ee9b9d9c');
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
INSERT INTO "orderopt_schema" VALUES('0001');
CREATE INDEX documents_by_kind ON documents (kind, stream);
CREATE INDEX labels_by_value ON labels (kind, name, value, stream);
CREATE INDEX claims_by_stream ON claims (stream);
COMMIT;
