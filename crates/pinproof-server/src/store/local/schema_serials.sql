-- The fourth schema: the largest serial number that an index gave with the page of a project, and when it did last.

ALTER TABLE page ADD COLUMN largest_serial INTEGER CHECK (largest_serial >= 0);
ALTER TABLE page ADD COLUMN largest_serial_at INTEGER;
