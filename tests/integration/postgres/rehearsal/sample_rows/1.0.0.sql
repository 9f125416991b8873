INSERT INTO users (id, email, display_name, role, invited_by_id, updated_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 'ada@example.com', 'Ada', 'admin', NULL, now()),
    ('00000000-0000-4000-8000-000000000002', 'bob@example.com', 'Bob', 'reader', '00000000-0000-4000-8000-000000000001', now());
INSERT INTO user_profiles (user_id, bio, avatar, birthday) VALUES
    ('00000000-0000-4000-8000-000000000001', 'Counts things.', '\x89504e47', '1815-12-10');
INSERT INTO categories (slug, name, parent_id) VALUES ('home', 'Home', NULL), ('kettles', 'Kettles', 1);
INSERT INTO tags (name) VALUES ('steel'), ('refurbished');
INSERT INTO products (id, sku, name, category_id, price, currency, image_urls, created_at, updated_at) VALUES
    ('00000000-0000-4000-8000-00000000000a', 'K-1', 'Kettle', 2, 49.90, 'EUR', '{"a.png","b.png"}', '2026-01-01Z', now()),
    ('00000000-0000-4000-8000-00000000000b', 'K-2', 'Big kettle', 2, 79.00, 'USD', '{}', '2026-01-02Z', now());
INSERT INTO "_ProductToTag" VALUES ('00000000-0000-4000-8000-00000000000a', 1);
INSERT INTO product_identifiers VALUES ('gtin', '04006381333931', '00000000-0000-4000-8000-00000000000a');
INSERT INTO sources (name, base_url, weight) VALUES ('Shop', 'shop.example', 1), ('Forum', 'forum.example', 0.5);
INSERT INTO reviews (product_id, source_id, external_id, author_id, stars, title, body, status, fingerprint, published_at) VALUES
    ('00000000-0000-4000-8000-00000000000a', 1, 'r1', '00000000-0000-4000-8000-000000000002', 5, 'Good', 'Boils water.', 'published', '\x01', '2026-02-01Z'),
    ('00000000-0000-4000-8000-00000000000a', 2, 'r2', NULL, 2, NULL, NULL, 'published', '\x02', '2026-02-02Z'),
    ('00000000-0000-4000-8000-00000000000b', 1, 'r3', NULL, 1, 'Spam', 'Buy now', 'hidden', '\x03', '2026-02-03Z');
INSERT INTO review_votes (review_id, user_id, is_helpful) VALUES (1, '00000000-0000-4000-8000-000000000001', true);
