-- The third schema: when an upstream last said again that a project is not there.

ALTER TABLE presence ADD COLUMN confirmed_at INTEGER;
