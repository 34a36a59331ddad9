BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE calibrations (
	contract_id TEXT NOT NULL, 
	measured_at DATETIME NOT NULL, 
	source TEXT NOT NULL, 
	curve TEXT NOT NULL, 
	CONSTRAINT pk_calibrations PRIMARY KEY (contract_id)
);
CREATE TABLE consents (
	consent_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	text_version TEXT NOT NULL, 
	language TEXT NOT NULL, 
	agreed_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	face_deleted_at DATETIME, 
	CONSTRAINT pk_consents PRIMARY KEY (consent_id)
);
CREATE TABLE deliveries (
	delivery_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	line_id TEXT, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (delivery_id), 
	CONSTRAINT fk_deliveries_line_id FOREIGN KEY(line_id) REFERENCES order_lines (line_id), 
	CONSTRAINT fk_deliveries_order_id FOREIGN KEY(order_id) REFERENCES orders (order_id)
);
INSERT INTO "deliveries" VALUES('d1','o1','phone_link','ready','2026-11-20 06:01:00.000000',NULL,'');
CREATE TABLE events (
	event_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_th TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	place TEXT NOT NULL, reads_numbers BOOLEAN DEFAULT 0 NOT NULL, blurs_bystanders BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (event_id)
);
INSERT INTO "events" VALUES('e1','River Run','วิ่งริมน้ำ','2026-11-20 05:00:00.000000','',0,1);
CREATE TABLE faces (
	photo_id TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	x1 DOUBLE NOT NULL, 
	y1 DOUBLE NOT NULL, 
	x2 DOUBLE NOT NULL, 
	y2 DOUBLE NOT NULL, 
	score DOUBLE NOT NULL, 
	contract_id TEXT NOT NULL, 
	embedding BLOB NOT NULL, 
	CONSTRAINT pk_faces PRIMARY KEY (photo_id, ordinal), 
	CONSTRAINT fk_faces_photo_id FOREIGN KEY(photo_id) REFERENCES photos (photo_id) ON DELETE CASCADE
);
CREATE TABLE feedback (
	feedback_id INTEGER NOT NULL, 
	event_id TEXT NOT NULL, 
	photo_id TEXT NOT NULL, 
	said_at DATETIME NOT NULL, ordinal INTEGER, 
	CONSTRAINT pk_feedback PRIMARY KEY (feedback_id), 
	CONSTRAINT fk_feedback_event_id FOREIGN KEY(event_id) REFERENCES events (event_id)
);
CREATE TABLE link_downloads (
	link_id TEXT NOT NULL, 
	object_name TEXT NOT NULL, 
	downloads INTEGER NOT NULL, 
	CONSTRAINT pk_link_downloads PRIMARY KEY (link_id, object_name), 
	CONSTRAINT fk_link_downloads_link_id FOREIGN KEY(link_id) REFERENCES links (link_id) ON DELETE CASCADE
);
CREATE TABLE links (
	link_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	download_limit INTEGER NOT NULL, 
	CONSTRAINT pk_links PRIMARY KEY (link_id), 
	CONSTRAINT uq_links_token_hash UNIQUE (token_hash)
);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
CREATE TABLE number_readings (
	photo_id TEXT NOT NULL, 
	CONSTRAINT pk_number_readings PRIMARY KEY (photo_id), 
	CONSTRAINT fk_number_readings_photo_id_photos FOREIGN KEY(photo_id) REFERENCES photos (photo_id) ON DELETE CASCADE
);
CREATE TABLE order_lines (
	line_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	photo_id TEXT NOT NULL, 
	amount_satang BIGINT NOT NULL, 
	print_size TEXT, 
	finish TEXT, 
	copies INTEGER NOT NULL, 
	CONSTRAINT pk_order_lines PRIMARY KEY (line_id), 
	CONSTRAINT fk_order_lines_order_id FOREIGN KEY(order_id) REFERENCES orders (order_id)
);
INSERT INTO "order_lines" VALUES('l1','o1',0,'digital','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0,NULL,NULL,1);
CREATE TABLE order_packages (
	order_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	package_id TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	photo_count INTEGER, 
	price_satang BIGINT NOT NULL, 
	times INTEGER NOT NULL, 
	CONSTRAINT pk_order_packages PRIMARY KEY (order_id, position), 
	CONSTRAINT fk_order_packages_order_id FOREIGN KEY(order_id) REFERENCES orders (order_id)
);
CREATE TABLE orders (
	order_id TEXT NOT NULL, 
	code TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	language TEXT NOT NULL, 
	state TEXT NOT NULL, 
	total_satang BIGINT NOT NULL, 
	discount_satang BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	paid_at DATETIME, 
	voucher_code TEXT, 
	CONSTRAINT pk_orders PRIMARY KEY (order_id), 
	CONSTRAINT uq_orders_code UNIQUE (code)
);
INSERT INTO "orders" VALUES('o1','K1-4Q2M','e1','th','paid',7900,0,'2026-11-20 06:00:00.000000','2026-11-20 06:01:00.000000',NULL);
CREATE TABLE outbox (
	outbox_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (outbox_id)
);
INSERT INTO "outbox" VALUES(1,'order_paid','{}','2026-11-20 06:01:00.000000',0,'waiting');
CREATE TABLE payments (
	payment_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	idempotency_key TEXT NOT NULL, 
	gateway TEXT NOT NULL, 
	state TEXT NOT NULL, 
	amount_satang BIGINT NOT NULL, 
	due_satang BIGINT NOT NULL, 
	received_satang BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	requested_at DATETIME, 
	expires_at DATETIME, 
	provider_reference TEXT, 
	qr_payload TEXT, 
	qr_png BLOB, 
	receiver_name TEXT NOT NULL, 
	settled_at DATETIME, 
	confirmed_by TEXT, 
	CONSTRAINT pk_payments PRIMARY KEY (payment_id), 
	CONSTRAINT fk_payments_order_id FOREIGN KEY(order_id) REFERENCES orders (order_id), 
	CONSTRAINT uq_payments_order_id_ordinal UNIQUE (order_id, ordinal), 
	CONSTRAINT uq_payments_idempotency_key UNIQUE (idempotency_key)
);
INSERT INTO "payments" VALUES('p1','o1',0,'key1','promptpay','paid',7900,7900,7900,'2026-11-20 06:00:00.000000',NULL,NULL,NULL,NULL,NULL,'',NULL,NULL);
CREATE TABLE photos (
	photo_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	file_name TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	taken_at DATETIME NOT NULL, 
	imported_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	photographer TEXT NOT NULL, 
	camera TEXT NOT NULL, 
	place TEXT NOT NULL, 
	latitude DOUBLE, 
	longitude DOUBLE, 
	is_public BOOLEAN NOT NULL, is_time_known BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_photos PRIMARY KEY (photo_id), 
	CONSTRAINT fk_photos_event_id FOREIGN KEY(event_id) REFERENCES events (event_id), 
	CONSTRAINT uq_photos_event_id_content_hash UNIQUE (event_id, content_hash), 
	CONSTRAINT uq_photos_event_id_number UNIQUE (event_id, number)
);
INSERT INTO "photos" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','e1',1,'IMG_1.jpg','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1200,800,'2026-11-20 05:10:00.000000','2026-11-20 05:20:00.000000','on_sale','Ploy','','Lake',NULL,NULL,0,1);
CREATE TABLE shirt_numbers (
	photo_id TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	digits TEXT NOT NULL, 
	score DOUBLE NOT NULL, 
	x1 DOUBLE NOT NULL, 
	y1 DOUBLE NOT NULL, 
	x2 DOUBLE NOT NULL, 
	y2 DOUBLE NOT NULL, 
	CONSTRAINT pk_shirt_numbers PRIMARY KEY (photo_id, ordinal), 
	CONSTRAINT fk_shirt_numbers_photo_id_photos FOREIGN KEY(photo_id) REFERENCES photos (photo_id) ON DELETE CASCADE
);
CREATE TABLE vouchers (
	code TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value INTEGER NOT NULL, 
	event_id TEXT, 
	valid_from DATETIME, 
	valid_until DATETIME, 
	use_limit INTEGER, 
	used INTEGER NOT NULL, 
	minimum_satang BIGINT NOT NULL, 
	CONSTRAINT pk_vouchers PRIMARY KEY (code)
);
INSERT INTO "vouchers" VALUES('WELCOME10','percent',10,'e1',NULL,NULL,5,1,0);
CREATE TABLE watched_files (
	event_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	modified_ns BIGINT NOT NULL, 
	CONSTRAINT pk_watched_files PRIMARY KEY (event_id, path), 
	CONSTRAINT fk_watched_files_event_id_events FOREIGN KEY(event_id) REFERENCES events (event_id)
);
CREATE INDEX ix_photos_event_id_state_taken_at ON photos (event_id, state, taken_at);
CREATE INDEX ix_feedback_event_id ON feedback (event_id);
CREATE INDEX ix_orders_created_at ON orders (created_at);
CREATE INDEX ix_order_lines_order_id ON order_lines (order_id);
CREATE INDEX ix_payments_state ON payments (state);
CREATE INDEX ix_deliveries_order_id ON deliveries (order_id);
CREATE INDEX ix_deliveries_state ON deliveries (state);
CREATE INDEX ix_links_order_id ON links (order_id);
CREATE INDEX ix_outbox_state ON outbox (state);
CREATE INDEX ix_shirt_numbers_digits ON shirt_numbers (digits);
COMMIT;
