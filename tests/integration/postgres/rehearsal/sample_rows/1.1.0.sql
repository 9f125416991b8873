INSERT INTO competitors (id, name, domain, countries) VALUES
    ('00000000-0000-4000-8000-0000000000c1', 'Rival', 'rival.example', '{"DE","FR"}');
INSERT INTO competitor_products (product_id, competitor_id, url, price_minor) VALUES
    ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000c1', 'rival.example/k', 4590);
INSERT INTO prospects (id, company, stage, owner_id, competitor_id, call_time, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000d1', 'Rival Ltd', 'contacted', '00000000-0000-4000-8000-000000000001',
     '00000000-0000-4000-8000-0000000000c1', '09:30', now());
UPDATE products SET discontinued_on = '2026-06-30' WHERE sku = 'K-2';
