//! Three attacks to look at while they happen.

#[test]
fn one_a_public_project_takes_an_internal_name() {
    crate::dependency_confusion::a_public_9999_takes_an_internal_name();
}

#[test]
fn two_a_file_is_replaced_under_its_name() {
    crate::replaced_file::a_wheel_is_replaced_under_its_name();
}

#[test]
fn three_code_runs_although_nothing_is_installed() {
    crate::install_time_code::code_runs_in_a_dry_run();
}
