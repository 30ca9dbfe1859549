-- dms_sample: a small ticket shop. Runs on Aurora MySQL 8.0 and MariaDB 10.11.
-- Between them the columns have every type that a change record has to carry; see README.md.

CREATE DATABASE dms_sample CHARACTER SET utf8mb4;
USE dms_sample;

CREATE TABLE venue (
    id            SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
    name          VARCHAR(80)       NOT NULL,
    country       CHAR(2) CHARACTER SET ascii NOT NULL,
    seats         MEDIUMINT UNSIGNED NOT NULL,
    latitude      DOUBLE            NOT NULL,
    longitude     DOUBLE            NOT NULL,
    built         YEAR              NULL,
    doors_open    TIME              NOT NULL,
    facilities    BIT(8)            NOT NULL,
    floor_plan    BLOB              NULL
);

CREATE TABLE performer (
    id            INT UNSIGNED      NOT NULL PRIMARY KEY,
    name          VARCHAR(120)      NOT NULL,
    genre         ENUM('sport', 'concert', 'theatre', 'children''s show') NOT NULL,
    rating        FLOAT             NULL,
    biography     TEXT              NULL
);

CREATE TABLE performance (
    id            INT UNSIGNED      NOT NULL PRIMARY KEY,
    venue_id      SMALLINT UNSIGNED NOT NULL,
    performer_id  INT UNSIGNED      NOT NULL,
    starts_at     DATETIME(3)       NOT NULL,
    sale_opens_at TIMESTAMP         NULL,
    length        TIME(1)           NULL,
    details       JSON              NULL,
    CONSTRAINT performance_venue FOREIGN KEY (venue_id) REFERENCES venue (id),
    CONSTRAINT performance_performer FOREIGN KEY (performer_id) REFERENCES performer (id)
);

CREATE TABLE price_band (
    performance_id INT UNSIGNED     NOT NULL,
    band          TINYINT UNSIGNED  NOT NULL,
    price         DECIMAL(10, 2)    NOT NULL,
    discount      DECIMAL(5, 4)     NULL,
    valid_from    DATE              NOT NULL,
    PRIMARY KEY (performance_id, band),
    CONSTRAINT price_band_performance FOREIGN KEY (performance_id) REFERENCES performance (id)
);

CREATE TABLE person (
    id            BIGINT UNSIGNED   NOT NULL PRIMARY KEY,
    public_id     BINARY(16)        NOT NULL,
    full_name     VARCHAR(120)      NOT NULL,
    email         VARCHAR(120)      NULL,
    born          DATE              NULL,
    interests     SET('sport', 'concert', 'theatre', 'family') NOT NULL,
    newsletter    BIT(1)            NOT NULL,
    credit        DECIMAL(12, 2)    NOT NULL DEFAULT 0,
    passport      VARBINARY(40)     NULL,
    changed_at    TIMESTAMP(6)      NULL
);

CREATE TABLE ticket (
    id            BIGINT UNSIGNED   NOT NULL PRIMARY KEY,
    performance_id INT UNSIGNED     NOT NULL,
    band          TINYINT UNSIGNED  NOT NULL,
    seat          VARCHAR(12)       NOT NULL,
    price         DECIMAL(10, 2)    NOT NULL,
    holder_id     BIGINT UNSIGNED   NULL,
    barcode       BINARY(16)        NOT NULL,
    changed_at    DATETIME(6)       NULL,
    CONSTRAINT ticket_band FOREIGN KEY (performance_id, band) REFERENCES price_band (performance_id, band)
);

-- One row for each time that a ticket changed hands.
CREATE TABLE ticket_purchase_hist (
    ticket_id     BIGINT UNSIGNED   NOT NULL,
    purchased_by_id BIGINT UNSIGNED NOT NULL,
    transaction_date_time DATETIME(6) NOT NULL,
    transferred_from_id BIGINT UNSIGNED NULL,
    purchase_price DECIMAL(10, 2)   NOT NULL,
    PRIMARY KEY (ticket_id, purchased_by_id, transaction_date_time)
);

CREATE TABLE payment (
    id            BIGINT UNSIGNED   NOT NULL PRIMARY KEY,
    person_id     BIGINT UNSIGNED   NOT NULL,
    method        ENUM('card', 'transfer', 'voucher') NOT NULL,
    amount        DECIMAL(20, 6)    NOT NULL,
    exchange_rate DOUBLE            NULL,
    balance       BIGINT            NOT NULL,
    receipt       JSON              NULL,
    note          VARCHAR(200)      NULL,
    signature     VARBINARY(64)     NULL,
    paid_at       DATETIME(3)       NOT NULL
);
