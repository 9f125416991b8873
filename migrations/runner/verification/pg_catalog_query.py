"""The query that lists what a database's schema consists of, for Postgres 12 and later."""

from __future__ import annotations

from typing import Final

from ..connection.pinned_settings import PINNED_SETTINGS

#: For the transaction in which OBJECTS is read: the settings that change how Postgres prints definitions,
#: since roles and databases can have their own. With an empty search path every name is fully qualified.
SPELLING: Final = "; ".join(
    f"SET LOCAL {name} = {value}"
    for name, value in {
        "search_path": "''",
        **PINNED_SETTINGS,
        "lc_monetary": "'C'",
    }.items()
)

#: (kind, name, definition) of every object, each definition as Postgres itself prints it. An extension's
#: objects are covered by the extension's own row, a partition by its bounds, a not-null constraint (which has
#: a row of its own since Postgres 18) by its column. Left out are the runner's tables, owners, grants,
#: comments on anything but relations, event triggers, and what an administrator tunes: storage, statistics
#: targets, replication.
OBJECTS: Final = """
WITH n AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'schema_service')
      AND nspname !~ '^pg_(toast|temp)'
), of_extension AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), c AS (
    SELECT pg_class.*, n.nspname, format('%I.%I', n.nspname, relname) AS name
    FROM pg_class JOIN n ON n.oid = relnamespace
    WHERE ('pg_class'::regclass::oid, pg_class.oid) NOT IN (SELECT classid, objid FROM of_extension)
), p AS (
    SELECT pg_proc.*
    FROM pg_proc JOIN n ON n.oid = pronamespace
    WHERE ('pg_proc'::regclass::oid, pg_proc.oid) NOT IN (SELECT classid, objid FROM of_extension)
), t AS (
    SELECT pg_type.*, format('%I.%I', n.nspname, typname) AS name
    FROM pg_type JOIN n ON n.oid = typnamespace
    WHERE ('pg_type'::regclass::oid, pg_type.oid) NOT IN (SELECT classid, objid FROM of_extension)
)
SELECT 'schema' AS kind, format('%I', nspname) AS name, '' AS definition
FROM n WHERE oid NOT IN (SELECT objid FROM of_extension WHERE classid = 'pg_namespace'::regclass)
UNION ALL
SELECT 'extension', format('%I', extname), '' FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL
SELECT CASE WHEN relispartition THEN 'partition' WHEN relkind IN ('r', 'p') THEN 'table'
            WHEN relkind = 'v' THEN 'view' WHEN relkind = 'm' THEN 'materialized view'
            WHEN relkind = 'f' THEN 'foreign table' ELSE 'type' END,
       name,
       concat_ws(' ', CASE WHEN relpersistence = 'u' THEN 'unlogged' END,
                 'partition by ' || pg_get_partkeydef(oid),
                 (SELECT string_agg('of ' || inhparent::regclass, ' ' ORDER BY inhseqno)
                  FROM pg_inherits WHERE inhrelid = c.oid),
                 pg_get_expr(relpartbound, oid),
                 CASE WHEN relrowsecurity THEN 'row level security' END,
                 CASE WHEN relforcerowsecurity THEN 'forced' END,
                 CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
                 CASE WHEN relkind = 'v' THEN array_to_string(reloptions, ' ') END)
FROM c WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'column', format('%s.%I', c.name, a.attname),
       concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                 (SELECT format('collate %I', collname) FROM pg_collation l
                  WHERE l.oid = a.attcollation AND l.collname <> 'default'
                    AND a.attcollation <> (SELECT typcollation FROM pg_type WHERE oid = a.atttypid)),
                 CASE WHEN a.attnotnull THEN 'not null' END,
                 (SELECT 'not valid' FROM pg_constraint k WHERE k.conrelid = a.attrelid
                    AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated),
                 CASE a.attgenerated WHEN 's' THEN 'generated' WHEN 'v' THEN 'virtual'
                                     ELSE CASE WHEN d.adbin IS NOT NULL THEN 'default' END END,
                 pg_get_expr(d.adbin, d.adrelid),
                 CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity' END)
FROM pg_attribute a JOIN c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT c.relispartition
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'sequence', c.name,
       concat_ws(' ', s.seqtypid::regtype, 'by', s.seqincrement, 'from', s.seqstart, 'in', s.seqmin, 'to',
                 s.seqmax, CASE WHEN s.seqcycle THEN 'cycle' END,
                 (SELECT format('owned by %s.%I', o.name, a.attname)
                  FROM pg_depend d JOIN c o ON o.oid = d.refobjid
                  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                    AND d.refclassid = 'pg_class'::regclass LIMIT 1))
FROM pg_sequence s JOIN c ON c.oid = s.seqrelid
UNION ALL
SELECT 'index', x.name,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END)
FROM pg_index i JOIN c x ON x.oid = i.indexrelid
WHERE NOT x.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'constraint', format('%s.%I', c.name, k.conname),
       concat_ws(' ', pg_get_constraintdef(k.oid),
                 CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = k.oid AND tgenabled <> 'O')
                      THEN 'with disabled triggers' END)
FROM pg_constraint k JOIN c ON c.oid = k.conrelid
WHERE k.contype NOT IN ('n', 't') AND k.conparentid = 0 AND (k.conislocal OR NOT c.relispartition)
UNION ALL
SELECT 'trigger', format('%s.%I', c.name, g.tgname),
       concat_ws(' ', pg_get_triggerdef(g.oid),
                 CASE WHEN g.tgenabled <> 'O' THEN 'mode ' || g.tgenabled::text END)
FROM pg_trigger g JOIN c ON c.oid = g.tgrelid
WHERE NOT g.tgisinternal AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_trigger'::regclass AND d.objid = g.oid AND d.deptype IN ('P', 'S'))
UNION ALL
SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, oid::regprocedure::text,
       pg_get_functiondef(oid)
FROM p WHERE prokind <> 'a'
UNION ALL
SELECT 'aggregate', p.oid::regprocedure::text,
       concat_ws(' ', aggtransfn, aggtranstype::regtype, nullif(aggfinalfn::oid, 0)::regproc, agginitval)
FROM p JOIN pg_aggregate ON aggfnoid = p.oid
UNION ALL
SELECT 'enum', t.name, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
FROM t LEFT JOIN pg_enum e ON t.oid = e.enumtypid WHERE t.typtype = 'e' GROUP BY t.name
UNION ALL
SELECT 'domain', name,
       concat_ws(' ', format_type(typbasetype, typtypmod), CASE WHEN typnotnull THEN 'not null' END,
                 'default ' || typdefault,
                 (SELECT string_agg(format('%I %s', conname, pg_get_constraintdef(oid)), ' ' ORDER BY conname)
                  FROM pg_constraint WHERE contypid = t.oid AND contype <> 'n'))
FROM t WHERE typtype = 'd'
UNION ALL
SELECT 'range', t.name, format_type(r.rngsubtype, NULL)
FROM pg_range r JOIN t ON t.oid = r.rngtypid
UNION ALL
SELECT 'policy', format('%s.%I', c.name, p.polname),
       concat_ws(' ', CASE WHEN NOT p.polpermissive THEN 'restrictive' END, 'for', p.polcmd, 'to',
                 (SELECT string_agg(coalesce(quote_ident(r.rolname), 'public'), ', ' ORDER BY r.rolname)
                  FROM unnest(p.polroles) u LEFT JOIN pg_roles r ON r.oid = u),
                 'using ' || pg_get_expr(p.polqual, p.polrelid),
                 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN c ON c.oid = p.polrelid
UNION ALL
SELECT 'rule', format('%s.%I', c.name, r.rulename),
       concat_ws(' ', pg_get_ruledef(r.oid),
                 CASE WHEN r.ev_enabled <> 'O' THEN 'mode ' || r.ev_enabled::text END)
FROM pg_rewrite r JOIN c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'collation', format('%I.%I', n.nspname, l.collname),
       concat_ws(' ', l.collprovider, l.collcollate,
                 CASE WHEN NOT l.collisdeterministic THEN 'nondeterministic' END)
FROM pg_collation l JOIN n ON n.oid = l.collnamespace
WHERE ('pg_collation'::regclass::oid, l.oid) NOT IN (SELECT classid, objid FROM of_extension)
UNION ALL
SELECT 'operator', o.oid::regoperator::text, o.oprcode::text
FROM pg_operator o JOIN n ON n.oid = o.oprnamespace
WHERE ('pg_operator'::regclass::oid, o.oid) NOT IN (SELECT classid, objid FROM of_extension)
UNION ALL
SELECT 'cast', format('%s as %s', s.castsource::regtype, s.casttarget::regtype),
       concat_ws(' ', nullif(s.castfunc, 0)::regprocedure, s.castcontext, s.castmethod)
FROM pg_cast s
WHERE s.oid >= 16384  -- FirstNormalObjectId: below it are the server's own
  AND ('pg_cast'::regclass::oid, s.oid) NOT IN (SELECT classid, objid FROM of_extension)
UNION ALL
SELECT 'text search configuration', format('%I.%I', n.nspname, g.cfgname),
       concat_ws(' ', p.prsname,
                 (SELECT string_agg(format('%s %s', maptokentype, mapdict::regdictionary), ', '
                                    ORDER BY maptokentype, mapseqno)
                  FROM pg_ts_config_map WHERE mapcfg = g.oid))
FROM pg_ts_config g JOIN n ON n.oid = g.cfgnamespace JOIN pg_ts_parser p ON p.oid = g.cfgparser
WHERE ('pg_ts_config'::regclass::oid, g.oid) NOT IN (SELECT classid, objid FROM of_extension)
UNION ALL
SELECT 'statistics', format('%I.%I', n.nspname, s.stxname), pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN n ON n.oid = s.stxnamespace
UNION ALL
SELECT 'comment', concat_ws('.', c.name, quote_ident(a.attname)), x.description
FROM pg_description x JOIN c ON c.oid = x.objoid AND x.classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute a ON x.objsubid > 0 AND a.attrelid = x.objoid AND a.attnum = x.objsubid
"""
