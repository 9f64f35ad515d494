BEGIN TRANSACTION;
CREATE TABLE cases (
	"key" TEXT NOT NULL, 
	client TEXT NOT NULL, 
	inbox TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	mail TEXT NOT NULL, 
	state TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	opened_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	tags TEXT NOT NULL, 
	answered_at DATETIME, 
	answered_by TEXT, 
	closed_at DATETIME, 
	assignee TEXT, 
	round INTEGER NOT NULL, 
	occasion TEXT NOT NULL, 
	sure BOOLEAN NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(client) REFERENCES clients ("key")
);
INSERT INTO "cases" VALUES('case-1','client-1','hello','<1@client.example>','mail-1','waiting','high','2026-11-20 09:30:15.123456','2026-11-20 09:30:15.123456','["money","Späth"]',NULL,NULL,NULL,NULL,0,'complaint',0);
CREATE TABLE client_addresses (
	address TEXT NOT NULL, 
	client TEXT NOT NULL, 
	PRIMARY KEY (address), 
	FOREIGN KEY(client) REFERENCES clients ("key")
);
INSERT INTO "client_addresses" VALUES('jo@client.example','client-1');
CREATE TABLE clients (
	"key" TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	known BOOLEAN NOT NULL, 
	stage TEXT NOT NULL, 
	last_colleague TEXT, 
	silence_asked_at DATETIME, 
	bounced TEXT NOT NULL, 
	first_seen DATETIME, 
	absent_until DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "clients" VALUES('client-1',2,'',0,'stranger',NULL,NULL,'[]','2026-11-20 09:30:15.123456',NULL);
CREATE TABLE exchanges (
	address TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	mail TEXT NOT NULL, 
	PRIMARY KEY (address, at, mail)
)
 WITHOUT ROWID

;
INSERT INTO "exchanges" VALUES('jo@client.example','2026-11-20 09:30:15.123456','mail-1');
INSERT INTO "exchanges" VALUES('jo@client.example','2026-11-20 09:30:15.123456','mail-2');
CREATE TABLE faults (
	inbox TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	uidvalidity BIGINT NOT NULL, 
	uid BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	PRIMARY KEY (inbox, folder, uidvalidity, uid)
);
CREATE TABLE follow_ups (
	"key" TEXT NOT NULL, 
	occasion TEXT NOT NULL, 
	step TEXT NOT NULL, 
	inbox TEXT NOT NULL, 
	client TEXT NOT NULL, 
	address TEXT NOT NULL, 
	mail TEXT NOT NULL, 
	anchor DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	case_key TEXT, 
	round INTEGER NOT NULL, 
	planned_at DATETIME, 
	done_at DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "follow_ups" VALUES('case-1:s1:0','complaint','s1','hello','client-1','jo@client.example','mail-1','2026-11-20 09:30:15.123456','2026-11-20 09:31:15.123456',NULL,0,NULL,NULL);
CREATE TABLE inbox_states (
	inbox TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	state TEXT NOT NULL, 
	last_sync DATETIME, 
	error TEXT, 
	PRIMARY KEY (inbox, folder)
);
INSERT INTO "inbox_states" VALUES('hello','INBOX','watching','2026-11-20 09:30:15.123456',NULL);
CREATE TABLE journal (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	inbox TEXT, 
	message_id TEXT, 
	client TEXT, 
	what TEXT NOT NULL, 
	because TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "journal" VALUES(1,'2026-11-20 09:30:15.123456','hello','<1@client.example>','jo@client.example','case opened','complaint, sure (3.2)');
INSERT INTO "journal" VALUES(2,'2026-11-20 09:30:15.123456','hello','<1@client.example>','jo@client.example','follow-up planned','planned');
INSERT INTO "journal" VALUES(3,'2026-11-20 09:30:15.123456','hello','<letter-1@harbour.example>','jo@client.example','letter sent','250 ok');
INSERT INTO "journal" VALUES(4,'2026-11-20 09:30:15.123456','hello','<2@client.example>','jo@client.example','mail of ours','to the client');
CREATE TABLE letters (
	"key" TEXT NOT NULL, 
	inbox TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	address TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	envelope_from TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	mode TEXT NOT NULL, 
	because TEXT NOT NULL, 
	client TEXT, 
	case_key TEXT, 
	mail TEXT, 
	expires DATETIME, 
	attempts INTEGER NOT NULL, 
	next_try DATETIME, 
	sent_at DATETIME, 
	provider_id TEXT, 
	filed BOOLEAN NOT NULL, 
	filed_uid BIGINT, 
	claim TEXT, 
	claimed_at DATETIME, 
	raw BLOB NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "letters" VALUES('letter-1','hello','acknowledgement','complaint/acknowledgement','jo@client.example','Re: The brochures','<letter-1@harbour.example>','','sent','2026-11-20 09:30:15.123456','send','250 ok','client-1','case-1','mail-1',NULL,0,NULL,'2026-11-20 09:30:15.123456',NULL,0,NULL,NULL,NULL,X'46726F6D3A2068656C6C6F40686172626F75722E6578616D706C650D0A0D0A00FF');
CREATE TABLE mails (
	identity TEXT NOT NULL, 
	inbox TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	uidvalidity BIGINT NOT NULL, 
	uid BIGINT NOT NULL, 
	arrived DATETIME NOT NULL, 
	thread TEXT NOT NULL, 
	ours BOOLEAN NOT NULL, 
	automatic BOOLEAN NOT NULL, 
	learnt BOOLEAN NOT NULL, 
	authenticated BOOLEAN NOT NULL, 
	standing TEXT NOT NULL, 
	because TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	nature TEXT NOT NULL, 
	message_id TEXT, 
	author TEXT, 
	author_name TEXT NOT NULL, 
	client TEXT, 
	case_key TEXT, 
	language TEXT, 
	refusal TEXT, 
	subject TEXT NOT NULL, 
	recipients TEXT NOT NULL, 
	"references" TEXT NOT NULL, 
	verdict TEXT, 
	text TEXT NOT NULL, 
	PRIMARY KEY (identity)
);
INSERT INTO "mails" VALUES('mail-1','hello','INBOX',4000000000,1,'2026-11-20 09:30:15.123456','<1@client.example>',0,0,0,0,'acknowledged','250 ok','none','person','<1@client.example>','jo@client.example','','client-1','case-1',NULL,NULL,'The brochures','["hello@harbour.example"]','[]','{"tone":["complaint"],"sure":["complaint"],"doubtful":[],"scores":{"complaint":3.2,"praise":0.0},"severity":"high","tags":["money"],"matches":[],"language":"en","sentence":null,"notes":[]}','They came late.');
INSERT INTO "mails" VALUES('mail-2','hello','Sent',4000000000,2,'2026-11-20 09:30:15.123456','<2@client.example>',1,0,0,0,'no letter','to the client','firm','person','<2@client.example>','ada@harbour.example','','client-1',NULL,NULL,NULL,'The brochures','["jo@client.example"]','[]',NULL,'They came late.');
CREATE TABLE memory (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "memory" VALUES('silence key','0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE silences (
	hash TEXT NOT NULL, 
	PRIMARY KEY (hash)
);
CREATE TABLE threads (
	message_id TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (message_id)
)
 WITHOUT ROWID

;
INSERT INTO "threads" VALUES('<1@client.example>','<1@client.example>','2026-11-20 09:30:15.123456');
INSERT INTO "threads" VALUES('<2@client.example>','<2@client.example>','2026-11-20 09:30:15.123456');
INSERT INTO "threads" VALUES('<letter-1@harbour.example>','<1@client.example>','2026-11-20 09:30:15.123456');
CREATE TABLE troth_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT troth_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "troth_version" VALUES('0001');
CREATE TABLE watermarks (
	inbox TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	uidvalidity BIGINT NOT NULL, 
	uid BIGINT NOT NULL, 
	learn_until BIGINT NOT NULL, 
	first_start DATETIME, 
	PRIMARY KEY (inbox, folder)
);
INSERT INTO "watermarks" VALUES('hello','INBOX',4000000000,1,0,NULL);
CREATE INDEX ix_mails_client ON mails (client);
CREATE INDEX ix_mails_message_id ON mails (message_id);
CREATE INDEX ix_mails_arrived ON mails (arrived);
CREATE INDEX ix_mails_accounting ON mails (ours, inbox, standing, because);
CREATE INDEX ix_threads_at ON threads (at);
CREATE INDEX ix_follow_ups_client ON follow_ups (client);
CREATE INDEX ix_follow_ups_due ON follow_ups (done_at, due_at);
CREATE INDEX ix_letters_mail ON letters (mail);
CREATE INDEX ix_letters_provider_id ON letters (provider_id);
CREATE INDEX ix_letters_state ON letters (state, filed, inbox);
CREATE INDEX ix_letters_sent_at ON letters (sent_at);
CREATE INDEX ix_letters_client ON letters (client);
CREATE INDEX ix_letters_message_id ON letters (message_id);
CREATE INDEX ix_journal_message_id ON journal (message_id);
CREATE INDEX ix_journal_client ON journal (client);
CREATE INDEX ix_client_addresses_client ON client_addresses (client);
CREATE INDEX ix_cases_client ON cases (client);
CREATE INDEX ix_cases_state ON cases (state);
COMMIT;
