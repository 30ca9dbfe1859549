-- The sample's data and its activity. All of it follows from a seed and row numbers: the same calls in the same order
-- give the same rows on any server. Generated numbers stay below 10^17, so that a JSON reader that uses doubles is not
-- the first thing to fail.

USE dms_sample;

-- Rows to start a set-based INSERT … SELECT from: 0 to 999.
CREATE VIEW digit AS
SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9;
CREATE VIEW thousand AS
SELECT a.d + 10 * b.d + 100 * c.d AS n FROM digit a CROSS JOIN digit b CROSS JOIN digit c;

DELIMITER $$

-- Each generate_… procedure inserts how_many rows (at most 1000) with the ids from first_id on.

CREATE PROCEDURE generate_venues(IN first_id BIGINT, IN how_many INT, IN seed INT)
    SQL SECURITY INVOKER
BEGIN
    INSERT INTO venue (id, name, country, seats, latitude, longitude, built, doors_open, facilities, floor_plan)
    SELECT id, CONCAT(ELT(1 + r % 4, 'Arena', 'Théâtre', 'Halle', 'ドーム'), ' ', id),
        ELT(1 + r % 5, 'DE', 'FR', 'JP', 'BR', 'NG'), 500 + r % 79500,
        (r % 180000000) / 1000000 - 90, (r % 360000000) / 1000000 - 180,
        IF(r % 6 = 0, NULL, 1901 + r % 120), SEC_TO_TIME(60 * (900 + r % 300)), r % 256,
        IF(r % 3 = 0, NULL, UNHEX(REPEAT(MD5(r), 1 + r % 4)))
    FROM (SELECT first_id + n AS id, CRC32(CONCAT('venue', seed, '.', first_id + n)) AS r
          FROM thousand WHERE n < how_many) numbered
    ORDER BY id;
END $$

CREATE PROCEDURE generate_performers(IN first_id BIGINT, IN how_many INT, IN seed INT)
    SQL SECURITY INVOKER
BEGIN
    INSERT INTO performer (id, name, genre, rating, biography)
    SELECT id, CONCAT(ELT(1 + r % 5, 'The Otters', 'FC Falke', 'Los Números', 'Ensemble Ω', '紙芝居'), ' ', id),
        1 + r % 4, IF(r % 5 = 0, NULL, (r % 1000) / 99.9),
        IF(r % 4 = 0, NULL, CONCAT('Known for “', MD5(r), '” \\ and the "', r % 97, '%" line.\n🎤 Second line.'))
    FROM (SELECT first_id + n AS id, CRC32(CONCAT('performer', seed, '.', first_id + n)) AS r
          FROM thousand WHERE n < how_many) numbered
    ORDER BY id;
END $$

CREATE PROCEDURE generate_performances(
    IN first_id BIGINT, IN how_many INT, IN venues INT, IN performers INT, IN seed INT)
    SQL SECURITY INVOKER
    COMMENT 'With three price bands each'
BEGIN
    INSERT INTO performance (id, venue_id, performer_id, starts_at, sale_opens_at, length, details)
    SELECT id, 1 + r % venues, 1 + r % performers,
        TIMESTAMPADD(MICROSECOND, 1000 * (r % 1000), DATE_ADD('2026-06-01 18:00:00', INTERVAL r % 200 DAY)),
        IF(r % 9 = 0, NULL, DATE_ADD('2026-01-01 09:00:00', INTERVAL r % 5000000 SECOND)),
        IF(r % 4 = 0, NULL, SEC_TO_TIME(3600 + (r % 72000) / 10)),
        IF(r % 5 = 0, NULL, JSON_OBJECT('day', r % 7, 'stars', JSON_ARRAY(r % 5, NULL, 4.5), 'title', 'Große Nacht 🌙'))
    FROM (SELECT first_id + n AS id, CRC32(CONCAT('performance', seed, '.', first_id + n)) AS r
          FROM thousand WHERE n < how_many) numbered
    ORDER BY id;

    INSERT INTO price_band (performance_id, band, price, discount, valid_from)
    SELECT p.id, 1 + d.d, 20 + 15 * d.d + CRC32(CONCAT('price', seed, '.', p.id)) % 1000 / 100,
        IF(d.d = 0, NULL, d.d / 7), DATE_ADD('2026-01-01', INTERVAL p.id % 28 DAY)
    FROM performance p CROSS JOIN digit d
    WHERE p.id BETWEEN first_id AND first_id + how_many - 1 AND d.d < 3
    ORDER BY p.id, d.d;
END $$

CREATE PROCEDURE generate_people(IN first_id BIGINT, IN how_many INT, IN seed INT)
    SQL SECURITY INVOKER
BEGIN
    INSERT INTO person (id, public_id, full_name, email, born, interests, newsletter, credit, passport, changed_at)
    SELECT id, UNHEX(MD5(CONCAT('person', seed, '.', id))),
        CONCAT(ELT(1 + r % 8, 'Aiko', 'Björn', 'Chloé', 'Darya', 'Emeka', 'Fátima', 'Göksu', 'Héctor'), ' ',
               ELT(1 + r % 7, 'Müller', 'O''Brien', 'Šimić', '王', 'Ødegård', 'García', 'Nguyễn'),
               IF(r % 11 = 0, ' 🎟️', '')),
        IF(r % 5 = 0, NULL, CONCAT('person', id, '@example.org')),
        IF(r % 7 = 0, NULL, DATE_ADD('1930-01-01', INTERVAL r % 30000 DAY)),
        r % 16, r % 2, r % 1000000 / 100,
        IF(r % 3 = 0, NULL, UNHEX(LEFT(SHA2(CONCAT('passport', seed, '.', id), 256), 2 + 2 * (r % 20)))),
        IF(r % 4 = 0, NULL, TIMESTAMPADD(MICROSECOND, r % 1000000, DATE_ADD('2026-01-01', INTERVAL r % 8000000 SECOND)))
    FROM (SELECT first_id + n AS id, CRC32(CONCAT('person', seed, '.', first_id + n)) AS r
          FROM thousand WHERE n < how_many) numbered
    ORDER BY id;
END $$

CREATE PROCEDURE generate_tickets(
    IN first_id BIGINT, IN how_many INT, IN performances INT, IN people INT, IN sold INT, IN seed INT)
    SQL SECURITY INVOKER
    COMMENT 'The tickets up to the id in "sold" have a holder'
BEGIN
    INSERT INTO ticket (id, performance_id, band, seat, price, holder_id, barcode, changed_at)
    SELECT t.id, b.performance_id, b.band, CONCAT(CHAR(65 + r % 26 USING utf8mb4), '-', t.id), b.price,
        IF(t.id <= sold, 1 + r % people, NULL), UNHEX(MD5(CONCAT('ticket', seed, '.', t.id))),
        IF(t.id <= sold, TIMESTAMPADD(MICROSECOND, r, '2026-03-01 08:00:00'), NULL)
    FROM (SELECT first_id + n AS id, CRC32(CONCAT('ticket', seed, '.', first_id + n)) AS r
          FROM thousand WHERE n < how_many) t
    JOIN price_band b ON b.performance_id = 1 + t.id % performances AND b.band = 1 + t.id % 3
    ORDER BY t.id;
END $$

CREATE PROCEDURE generate_purchases(IN first_id BIGINT, IN how_many INT, IN seed INT)
    SQL SECURITY INVOKER
    COMMENT 'A purchase and a payment for each ticket with these ids that has a holder'
BEGIN
    INSERT INTO ticket_purchase_hist
        (ticket_id, purchased_by_id, transaction_date_time, transferred_from_id, purchase_price)
    SELECT id, holder_id, changed_at, NULL, price FROM ticket
    WHERE id BETWEEN first_id AND first_id + how_many - 1 AND holder_id IS NOT NULL
    ORDER BY id;

    INSERT INTO payment (id, person_id, method, amount, exchange_rate, balance, receipt, note, signature, paid_at)
    SELECT id, holder_id, 1 + id % 3, price + id % 997 / 1000000, IF(id % 4 = 0, NULL, 1e0 / (1 + id % 13)),
        IF(id % 2 = 0, -1, 1) * CAST(id AS SIGNED) * 982451653, IF(id % 6 = 0, NULL, JSON_OBJECT('ticket', id, 'price', price, 'vat', TRUE)),
        IF(id % 5 = 0, NULL, ELT(1 + id % 3, '', 'at the door', 'paid “twice” 💶')),
        IF(id % 7 = 0, NULL, UNHEX(SHA2(CONCAT('payment', seed, '.', id), 512))), changed_at
    FROM ticket
    WHERE id BETWEEN first_id AND first_id + how_many - 1 AND holder_id IS NOT NULL
    ORDER BY id;
END $$

-- What happens in a ticket shop: each step is one transaction over up to 20 neighbouring tickets.
-- changes: about how many rows were inserted, updated and deleted.
CREATE PROCEDURE generate_ticket_activity(IN first_step INT, IN steps INT, IN seed INT, OUT changes INT)
    SQL SECURITY INVOKER
BEGIN
    DECLARE step INT DEFAULT first_step;
    DECLARE r, low, high, buyer, payment_id, tickets, people BIGINT;
    DECLARE moment DATETIME(6);

    SELECT MAX(id) INTO tickets FROM ticket;
    SELECT MAX(id) INTO people FROM person;
    SET changes = 0;

    WHILE step < first_step + steps DO
        SET r = CRC32(CONCAT('step', seed, '.', step));
        SET low = 1 + r % tickets;
        SET high = low + r % 20;
        SET buyer = 1 + CRC32(CONCAT('buyer', seed, '.', step)) % people;
        SELECT COALESCE(MAX(id), 0) + 1 INTO payment_id FROM payment;
        SET moment = TIMESTAMPADD(MICROSECOND, r % 1000000, DATE_ADD('2026-04-01', INTERVAL payment_id SECOND));

        START TRANSACTION;
        CASE
            WHEN step % 10 < 4 THEN -- somebody buys what is free among these tickets
                INSERT INTO ticket_purchase_hist
                    (ticket_id, purchased_by_id, transaction_date_time, transferred_from_id, purchase_price)
                SELECT id, buyer, moment, NULL, price FROM ticket
                WHERE id BETWEEN low AND high AND holder_id IS NULL;
                SET changes = changes + ROW_COUNT();
                UPDATE ticket SET holder_id = buyer, changed_at = moment
                WHERE id BETWEEN low AND high AND holder_id IS NULL;
                SET changes = changes + ROW_COUNT();
                INSERT INTO payment
                    (id, person_id, method, amount, exchange_rate, balance, receipt, note, signature, paid_at)
                VALUES (payment_id, buyer, 1 + r % 3, r % 100000 / 1000, IF(r % 4 = 0, NULL, 1e0 / (1 + r % 13)),
                    r * 20011, IF(r % 6 = 0, NULL, JSON_OBJECT('first', low, 'last', high)), NULL, NULL, moment);
                UPDATE person SET credit = credit - r % 10000 / 100, changed_at = '2026-04-01 12:00:00.5'
                WHERE id = buyer;
                SET changes = changes + 2;

            WHEN step % 10 < 6 THEN -- the holders give their tickets to somebody else
                INSERT INTO ticket_purchase_hist
                    (ticket_id, purchased_by_id, transaction_date_time, transferred_from_id, purchase_price)
                SELECT id, buyer, moment, holder_id, price FROM ticket
                WHERE id BETWEEN low AND high AND holder_id <> buyer;
                SET changes = changes + ROW_COUNT();
                UPDATE ticket SET holder_id = buyer, changed_at = moment
                WHERE id BETWEEN low AND high AND holder_id <> buyer;
                SET changes = changes + ROW_COUNT();
                INSERT INTO payment
                    (id, person_id, method, amount, exchange_rate, balance, receipt, note, signature, paid_at)
                VALUES (payment_id, buyer, 'transfer', 0, NULL, -r, NULL, '', UNHEX(MD5(r)), moment);
                SET changes = changes + 1;

            WHEN step % 10 = 6 THEN -- refund: as if they had never been bought
                DELETE FROM ticket_purchase_hist WHERE ticket_id BETWEEN low AND high;
                SET changes = changes + ROW_COUNT();
                UPDATE ticket SET holder_id = NULL, changed_at = NULL
                WHERE id BETWEEN low AND high AND holder_id IS NOT NULL;
                SET changes = changes + ROW_COUNT();
                DELETE FROM payment WHERE id = 1 + r % payment_id AND id < payment_id - 1;
                SET changes = changes + ROW_COUNT();

            WHEN step % 10 = 7 THEN -- prices move, for the free tickets too
                UPDATE price_band SET price = 20 + r % 8000 / 100, discount = IF(r % 2 = 0, NULL, r % 9999 / 10000)
                WHERE performance_id = (SELECT performance_id FROM ticket WHERE id = low);
                SET changes = changes + ROW_COUNT();
                UPDATE ticket SET price = price + 1 + r % 500 / 100 WHERE id BETWEEN low AND high AND holder_id IS NULL;
                SET changes = changes + ROW_COUNT();

            WHEN step % 10 = 8 THEN -- the moment of a purchase is corrected, which is part of its primary key
                UPDATE ticket_purchase_hist
                SET transaction_date_time = TIMESTAMPADD(MICROSECOND, 1 + r % 999, transaction_date_time)
                WHERE ticket_id BETWEEN low AND high;
                SET changes = changes + ROW_COUNT();
                UPDATE person
                SET email = IF(r % 3 = 0, NULL, CONCAT('moved', r, '@example.org')), interests = r % 16,
                    newsletter = 1 - newsletter, passport = IF(r % 2 = 0, NULL, UNHEX(MD5(r)))
                WHERE id = buyer;
                SET changes = changes + ROW_COUNT();

            ELSE -- a purchase that is not paid in the end; then the shop tidies up its payments
                UPDATE ticket SET holder_id = buyer WHERE id BETWEEN low AND high AND holder_id IS NULL;
                ROLLBACK;
                START TRANSACTION;
                UPDATE payment SET note = CONCAT('checked ✅ ', step), balance = balance + 1,
                    receipt = JSON_OBJECT('checked', step, 'by', NULL)
                WHERE id BETWEEN 1 + r % payment_id AND 1 + r % payment_id + r % 20;
                SET changes = changes + ROW_COUNT();
        END CASE;
        COMMIT;
        SET step = step + 1;
    END WHILE;
END $$

DELIMITER ;
