-- One row an object of the application's schemas, as a line of text. Read with an empty search path.
-- What belongs to an extension is told by the extension's own line; the runner's tables don't count.
WITH n AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'schema_service')
      AND nspname !~ '^pg_(toast|temp)'
), of_extension AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), c AS (
    SELECT pg_class.*, n.nspname
    FROM pg_class JOIN n ON n.oid = relnamespace
    WHERE ('pg_class'::regclass::oid, pg_class.oid) NOT IN (SELECT classid, objid FROM of_extension)
), p AS (
    SELECT pg_proc.*
    FROM pg_proc JOIN n ON n.oid = pronamespace
    WHERE ('pg_proc'::regclass::oid, pg_proc.oid) NOT IN (SELECT classid, objid FROM of_extension)
), t AS (
    SELECT pg_type.*, n.nspname
    FROM pg_type JOIN n ON n.oid = typnamespace
    WHERE ('pg_type'::regclass::oid, pg_type.oid) NOT IN (SELECT classid, objid FROM of_extension)
)
SELECT format('schema %I', nspname) FROM n
UNION ALL
SELECT format('extension %I', extname) FROM pg_extension
UNION ALL
SELECT format('relation %I.%I %s rls %s %s %s', nspname, relname, relkind, relrowsecurity, relforcerowsecurity,
              CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) ELSE pg_get_partkeydef(oid) END)
FROM c WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'S')
UNION ALL
SELECT format('column %I.%I.%I %s %s %s %s %s', c.nspname, c.relname, a.attname,
              format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
              a.attidentity, a.attgenerated)
FROM pg_attribute a JOIN c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT format('sequence %I.%I %s', c.nspname, c.relname,
              row(s.seqtypid::regtype, s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcycle))
FROM pg_sequence s JOIN c ON c.oid = s.seqrelid
UNION ALL
SELECT format('index %s valid %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
FROM pg_index i JOIN c ON c.oid = i.indrelid
UNION ALL
-- Not-null constraints (type n, since Postgres 18) are told by their columns.
SELECT format('constraint %I.%I %I %s', c.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN c ON c.oid = k.conrelid WHERE k.contype <> 'n'
UNION ALL
SELECT format('trigger %s %s', pg_get_triggerdef(g.oid), g.tgenabled)
FROM pg_trigger g JOIN c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT format('function %s', pg_get_functiondef(oid)) FROM p WHERE prokind IN ('f', 'p', 'w')
UNION ALL
SELECT format('aggregate %s', oid::regprocedure) FROM p WHERE prokind = 'a'
UNION ALL
SELECT format('enum %I.%I %s', t.nspname, t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder))
FROM pg_enum e JOIN t ON t.oid = e.enumtypid GROUP BY t.nspname, t.typname
UNION ALL
SELECT format('domain %I.%I %s %s %s %s', nspname, typname, format_type(typbasetype, typtypmod), typnotnull,
              typdefault, ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint
                                WHERE contypid = t.oid ORDER BY 1))
FROM t WHERE typtype = 'd'
UNION ALL
SELECT format('policy %I.%I %I %s %s %s %s', c.nspname, c.relname, p.polname, p.polcmd, p.polpermissive,
              pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN c ON c.oid = p.polrelid
UNION ALL
SELECT format('rule %s', pg_get_ruledef(r.oid))
FROM pg_rewrite r JOIN c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT format('comment on %s %s', pg_describe_object(x.classoid, x.objoid, x.objsubid), x.description)
FROM pg_description x JOIN c ON c.oid = x.objoid AND x.classoid = 'pg_class'::regclass
