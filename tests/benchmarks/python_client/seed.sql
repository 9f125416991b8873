INSERT INTO "User" (email, name, bio, age, score, updated_at)
SELECT 'user' || i || '@example.org', 'User ' || i, repeat('bio ', 10), i % 80, i * 0.5, now()
FROM generate_series(1, 1000) AS i;
INSERT INTO "Post" (title, slug, body, published, views, rating, updated_at, author_id)
SELECT 'Title ' || i, 'title-' || i, repeat('text ', 20), i % 2 = 0, i % 1000, 4.5, now(), (i - 1) / 10 + 1
FROM generate_series(1, 10000) AS i;
ANALYZE;
