BEGIN TRANSACTION;
CREATE TABLE accounts (
	account_id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	login TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	role TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (account_id), 
	CONSTRAINT fk_accounts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id), 
	CONSTRAINT uq_accounts_login UNIQUE (login)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE calibrations (
	contract_id TEXT NOT NULL, 
	measured_at DATETIME NOT NULL, 
	source TEXT NOT NULL, 
	curve TEXT NOT NULL, 
	CONSTRAINT pk_calibrations PRIMARY KEY (contract_id)
);
CREATE TABLE camera_workers (
	worker_id TEXT NOT NULL, 
	most INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	seen_until DATETIME NOT NULL, 
	CONSTRAINT pk_camera_workers PRIMARY KEY (worker_id)
);
CREATE TABLE changes (
	tenant_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	is_deleted BOOLEAN NOT NULL, 
	CONSTRAINT pk_changes PRIMARY KEY (tenant_id, kind, "key")
);
CREATE TABLE charges (
	charge_id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	kiosk_id TEXT NOT NULL, 
	idempotency_key TEXT NOT NULL, 
	order_code TEXT NOT NULL, 
	amount_satang BIGINT NOT NULL, 
	due_satang BIGINT NOT NULL, 
	received_satang BIGINT NOT NULL, 
	status TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	asked_at DATETIME, 
	checked_at DATETIME, 
	expires_at DATETIME, 
	settled_at DATETIME, 
	provider_reference TEXT, 
	qr_payload TEXT, 
	qr_png BLOB, 
	receiver_name TEXT NOT NULL, 
	error_code TEXT, 
	CONSTRAINT pk_charges PRIMARY KEY (charge_id), 
	CONSTRAINT uq_charges_provider_reference UNIQUE (provider_reference), 
	CONSTRAINT uq_charges_tenant_id_idempotency_key UNIQUE (tenant_id, idempotency_key)
);
CREATE TABLE consents (
	consent_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	text_version TEXT NOT NULL, 
	language TEXT NOT NULL, 
	agreed_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	face_deleted_at DATETIME, tenant_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_consents PRIMARY KEY (consent_id)
);
CREATE TABLE deletion_holders (
	deletion_id TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	confirmed_at DATETIME, 
	removed TEXT NOT NULL, 
	CONSTRAINT pk_deletion_holders PRIMARY KEY (deletion_id, holder), 
	CONSTRAINT fk_deletion_holders_deletion_id FOREIGN KEY(deletion_id) REFERENCES deletions (deletion_id) ON DELETE CASCADE
);
CREATE TABLE deletions (
	deletion_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	requested_at DATETIME NOT NULL, 
	requested_by TEXT NOT NULL, 
	event_id TEXT, 
	photo_ids TEXT NOT NULL, 
	faces TEXT NOT NULL, 
	order_id TEXT, 
	consent_id TEXT, 
	person_id TEXT, 
	done_at DATETIME, 
	token_hash TEXT, 
	CONSTRAINT pk_deletions PRIMARY KEY (deletion_id)
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
CREATE TABLE devices (
	device_id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	code_prefix TEXT NOT NULL, 
	key_hash TEXT NOT NULL, 
	enrolled_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	last_seen_at DATETIME, 
	health TEXT NOT NULL, 
	CONSTRAINT pk_devices PRIMARY KEY (device_id), 
	CONSTRAINT fk_devices_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id), 
	CONSTRAINT uq_devices_tenant_id_code_prefix UNIQUE (tenant_id, code_prefix)
);
CREATE TABLE enrolment_codes (
	code_hash TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	code_prefix TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_enrolment_codes PRIMARY KEY (code_hash), 
	CONSTRAINT fk_enrolment_codes_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id)
);
CREATE TABLE event_packages (
	event_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	package_id TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	photo_count INTEGER, 
	price_satang BIGINT NOT NULL, 
	CONSTRAINT pk_event_packages PRIMARY KEY (event_id, position), 
	CONSTRAINT fk_event_packages_event_id FOREIGN KEY(event_id) REFERENCES events (event_id) ON DELETE CASCADE
);
CREATE TABLE events (
	event_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_th TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	place TEXT NOT NULL, reads_numbers BOOLEAN DEFAULT 0 NOT NULL, blurs_bystanders BOOLEAN DEFAULT 1 NOT NULL, tenant_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (event_id)
);
INSERT INTO "events" VALUES('e1','River Run','วิ่งริมน้ำ','2026-11-20 05:00:00.000000','',0,1,'');
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
CREATE TABLE forgotten_contents (
	deletion_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_forgotten_contents PRIMARY KEY (deletion_id, event_id, content_hash)
);
CREATE TABLE forgotten_pictures (
	deletion_id TEXT NOT NULL, 
	object_key TEXT NOT NULL, 
	CONSTRAINT pk_forgotten_pictures PRIMARY KEY (deletion_id, object_key), 
	CONSTRAINT fk_forgotten_pictures_deletion_id FOREIGN KEY(deletion_id) REFERENCES deletions (deletion_id) ON DELETE CASCADE
);
CREATE TABLE inbox (
	device_id TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	received_at DATETIME NOT NULL, 
	answer TEXT NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (device_id, message_id)
);
CREATE TABLE line_counts (
	stream_id TEXT NOT NULL, 
	hour DATETIME NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	kiosk_id TEXT NOT NULL, 
	site_id TEXT NOT NULL, 
	came_in INTEGER NOT NULL, 
	went_out INTEGER NOT NULL, 
	is_told BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_line_counts PRIMARY KEY (stream_id, hour)
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
CREATE TABLE login_tries (
	login_hash TEXT NOT NULL, 
	failed INTEGER NOT NULL, 
	locked_until DATETIME, 
	tried_at DATETIME NOT NULL, 
	CONSTRAINT pk_login_tries PRIMARY KEY (login_hash)
);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
CREATE TABLE notices (
	tenant_id TEXT DEFAULT '' NOT NULL, 
	notice_id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	code TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	next_step TEXT NOT NULL, 
	settled_at DATETIME, 
	CONSTRAINT pk_notices PRIMARY KEY (tenant_id, notice_id)
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
CREATE TABLE "orders" (
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
	tenant_id TEXT DEFAULT '' NOT NULL, 
	kiosk_id TEXT DEFAULT '' NOT NULL, 
	customer_id TEXT, 
	CONSTRAINT pk_orders PRIMARY KEY (order_id)
);
INSERT INTO "orders" VALUES('o1','K1-4Q2M','e1','th','paid',7900,0,'2026-11-20 06:00:00.000000','2026-11-20 06:01:00.000000',NULL,'','',NULL);
CREATE TABLE "outbox" (
	outbox_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	error_code TEXT, 
	sent_at DATETIME, 
	CONSTRAINT pk_outbox PRIMARY KEY (outbox_id), 
	CONSTRAINT uq_outbox_message_id UNIQUE (message_id)
);
CREATE TABLE "payments" (
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
	CONSTRAINT uq_payments_idempotency_key UNIQUE (idempotency_key)
);
INSERT INTO "payments" VALUES('p1','o1',0,'key1','promptpay','paid',7900,7900,7900,'2026-11-20 06:00:00.000000',NULL,NULL,NULL,NULL,NULL,'',NULL,NULL);
CREATE TABLE "people" (
	person_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT ('') NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	gender TEXT NOT NULL, 
	birth_year INTEGER, 
	phone TEXT NOT NULL, 
	email TEXT NOT NULL, 
	consent_version TEXT NOT NULL, 
	consented_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	merged_into TEXT, 
	changed_at DATETIME NOT NULL, 
	kind_since DATETIME NOT NULL, 
	gone_faces TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (person_id)
);
INSERT INTO "people" VALUES('p1','','customer','Mali','female',1990,'','','1','2026-11-20 03:00:00.000000','2026-11-20 03:00:00.000000',NULL,'2026-11-20 03:00:00.000000','2026-11-20 03:00:00.000000','');
CREATE TABLE "person_faces" (
	person_id TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	contract_id TEXT NOT NULL, 
	embedding BLOB NOT NULL, 
	face_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	added_at DATETIME, 
	picture_key TEXT, 
	CONSTRAINT pk_person_faces PRIMARY KEY (person_id, ordinal), 
	CONSTRAINT fk_person_faces_person_id FOREIGN KEY(person_id) REFERENCES people (person_id) ON DELETE CASCADE
);
INSERT INTO "person_faces" VALUES('p1',0,'c1',X'0000803F00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000','0','',NULL,NULL);
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
CREATE TABLE purges (
	purge_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	ordinal INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	older_than DATETIME NOT NULL, 
	removed TEXT NOT NULL, 
	remaining INTEGER NOT NULL, 
	previous_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_purges PRIMARY KEY (purge_id), 
	CONSTRAINT uq_purges_tenant_id_ordinal UNIQUE (tenant_id, ordinal)
);
CREATE TABLE refresh_tokens (
	token_hash TEXT NOT NULL, 
	family TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	role TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_refresh_tokens PRIMARY KEY (token_hash)
);
CREATE TABLE refunds (
	order_id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	refunded_by TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	amount_satang BIGINT NOT NULL, 
	CONSTRAINT pk_refunds PRIMARY KEY (order_id), 
	CONSTRAINT fk_refunds_order_id FOREIGN KEY(order_id) REFERENCES orders (order_id)
);
CREATE TABLE revisions (
	tenant_id TEXT NOT NULL, 
	last BIGINT NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (tenant_id)
);
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
CREATE TABLE sites (
	site_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME, 
	CONSTRAINT pk_sites PRIMARY KEY (site_id)
);
INSERT INTO "sites" VALUES('fd636c0c12a5fc4f8d9bad40054464db','','Riverside','2026-11-20 03:00:00.000000',NULL);
INSERT INTO "sites" VALUES('5fecf12912eafd6757866ce3c7362e51','chain-b','Riverside','2026-11-20 04:00:00.000000',NULL);
CREATE TABLE stays (
	stay_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	site_id TEXT NOT NULL, 
	stream_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	person_id TEXT, 
	began_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	tracks INTEGER DEFAULT '1' NOT NULL, 
	contract_id TEXT, 
	embedding BLOB, 
	CONSTRAINT pk_stays PRIMARY KEY (stay_id)
);
CREATE TABLE streams (
	stream_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	site_id TEXT NOT NULL, 
	kiosk_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	source TEXT NOT NULL, 
	user TEXT NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	recognises BOOLEAN NOT NULL, 
	line TEXT, 
	access_revision INTEGER DEFAULT '0' NOT NULL, 
	created_at DATETIME NOT NULL, 
	lease_holder TEXT, 
	lease_since DATETIME, 
	lease_until DATETIME, 
	CONSTRAINT pk_streams PRIMARY KEY (stream_id), 
	CONSTRAINT fk_streams_site_id FOREIGN KEY(site_id) REFERENCES sites (site_id)
);
CREATE TABLE tenants (
	tenant_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_tenants PRIMARY KEY (tenant_id), 
	CONSTRAINT uq_tenants_name UNIQUE (name)
);
CREATE TABLE upload_files (
	upload_id TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	file_name TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	object_key TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	received_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	error_code TEXT, 
	error_detail TEXT NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_upload_files PRIMARY KEY (upload_id, ordinal), 
	CONSTRAINT fk_upload_files_upload_id FOREIGN KEY(upload_id) REFERENCES uploads (upload_id) ON DELETE CASCADE, 
	CONSTRAINT uq_upload_files_upload_id_file_name_content_hash UNIQUE (upload_id, file_name, content_hash)
);
CREATE TABLE uploads (
	upload_id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	photographer TEXT NOT NULL, 
	is_public BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_uploads PRIMARY KEY (upload_id), 
	CONSTRAINT fk_uploads_event_id FOREIGN KEY(event_id) REFERENCES events (event_id)
);
CREATE TABLE visit_faces (
	visit_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	contract_id TEXT NOT NULL, 
	embedding BLOB NOT NULL, 
	CONSTRAINT pk_visit_faces PRIMARY KEY (visit_id), 
	CONSTRAINT fk_visit_faces_visit_id FOREIGN KEY(visit_id) REFERENCES visits (visit_id) ON DELETE CASCADE
);
CREATE TABLE "visits" (
	visit_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT ('') NOT NULL, 
	kiosk_id TEXT NOT NULL, 
	site_id TEXT NOT NULL, 
	stream_id TEXT NOT NULL, 
	person_id TEXT, 
	gender TEXT NOT NULL, 
	began_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	is_returning BOOLEAN DEFAULT 0 NOT NULL, 
	number INTEGER, 
	revision INTEGER DEFAULT '0' NOT NULL, 
	picture_key TEXT, 
	CONSTRAINT pk_visits PRIMARY KEY (visit_id)
);
INSERT INTO "visits" VALUES('v1','','k1','fd636c0c12a5fc4f8d9bad40054464db','e0503b5b159fa29ed1b93a37929595b5','p1','female','2026-11-20 03:00:00.000000',NULL,0,NULL,0,NULL);
INSERT INTO "visits" VALUES('v2','chain-b','k2','5fecf12912eafd6757866ce3c7362e51','9ff6c0e98da047e455e2cc33e70939a9',NULL,'male','2026-11-20 04:00:00.000000',NULL,0,NULL,0,NULL);
CREATE TABLE void_visits (
	visit_id TEXT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_void_visits PRIMARY KEY (visit_id)
);
CREATE TABLE voucher_holds (
	tenant_id TEXT NOT NULL, 
	code TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	kiosk_id TEXT NOT NULL, 
	held_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_voucher_holds PRIMARY KEY (tenant_id, code, order_id)
);
CREATE TABLE "vouchers" (
	code TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value INTEGER NOT NULL, 
	event_id TEXT, 
	valid_from DATETIME, 
	valid_until DATETIME, 
	use_limit INTEGER, 
	used INTEGER NOT NULL, 
	minimum_satang BIGINT NOT NULL, 
	tenant_id TEXT DEFAULT '' NOT NULL, 
	home_kiosk_id TEXT, 
	CONSTRAINT pk_vouchers PRIMARY KEY (tenant_id, code)
);
INSERT INTO "vouchers" VALUES('WELCOME10','percent',10,'e1',NULL,NULL,5,1,0,'',NULL);
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
CREATE INDEX ix_order_lines_order_id ON order_lines (order_id);
CREATE INDEX ix_deliveries_order_id ON deliveries (order_id);
CREATE INDEX ix_deliveries_state ON deliveries (state);
CREATE INDEX ix_links_order_id ON links (order_id);
CREATE INDEX ix_shirt_numbers_digits ON shirt_numbers (digits);
CREATE INDEX ix_changes_tenant_id_revision ON changes (tenant_id, revision);
CREATE INDEX ix_charges_status ON charges (status);
CREATE INDEX ix_deletions_done_at ON deletions (done_at);
CREATE INDEX ix_deletions_token_hash ON deletions (token_hash);
CREATE INDEX ix_notices_settled_at ON notices (settled_at);
CREATE INDEX ix_refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX ix_forgotten_contents_content_hash ON forgotten_contents (content_hash);
CREATE INDEX ix_upload_files_content_hash ON upload_files (content_hash);
CREATE INDEX ix_upload_files_state ON upload_files (state);
CREATE INDEX ix_events_tenant_id ON events (tenant_id);
CREATE INDEX ix_orders_created_at ON orders (created_at);
CREATE INDEX ix_orders_code ON orders (code);
CREATE INDEX ix_payments_state ON payments (state);
CREATE INDEX ix_payments_order_id_ordinal ON payments (order_id, ordinal);
CREATE INDEX ix_outbox_state ON outbox (state);
CREATE INDEX ix_sites_tenant_id ON sites (tenant_id);
CREATE INDEX ix_streams_site_id ON streams (site_id);
CREATE INDEX ix_streams_tenant_id ON streams (tenant_id);
CREATE INDEX ix_stays_site_id_last_seen_at ON stays (site_id, last_seen_at);
CREATE INDEX ix_stays_tenant_id ON stays (tenant_id);
CREATE INDEX ix_void_visits_tenant_id ON void_visits (tenant_id);
CREATE INDEX ix_line_counts_tenant_id ON line_counts (tenant_id);
CREATE INDEX ix_line_counts_tenant_id_hour ON line_counts (tenant_id, hour);
CREATE INDEX ix_purges_tenant_id ON purges (tenant_id);
CREATE INDEX ix_visits_began_at ON visits (began_at);
CREATE INDEX ix_visits_tenant_id ON visits (tenant_id);
CREATE INDEX ix_visits_counted ON visits (tenant_id, began_at, site_id, gender, is_returning);
CREATE INDEX ix_visits_person_id_began_at ON visits (person_id, began_at);
CREATE INDEX ix_people_tenant_id ON people (tenant_id);
CREATE INDEX ix_people_merged_into ON people (merged_into);
CREATE INDEX ix_person_faces_tenant_id ON person_faces (tenant_id);
CREATE INDEX ix_visit_faces_tenant_id ON visit_faces (tenant_id);
COMMIT;
