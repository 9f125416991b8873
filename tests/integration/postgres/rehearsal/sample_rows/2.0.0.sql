INSERT INTO product_prices (product_id, currency, valid_from, amount) VALUES
    ('00000000-0000-4000-8000-00000000000a', 'EUR', '2026-03-01Z', 44.90);
INSERT INTO ingest_runs (source_id, seen_count) VALUES (1, 10), (2, 20);
UPDATE ingest_runs SET status = 'failed', error_message = 'Timed out' WHERE source_id = 2;
