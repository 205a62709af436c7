//! What every implementation of `Store` has to pass; a case gets an empty store.

pub(crate) mod decisions;
pub(crate) mod files;
pub(crate) mod pages;
pub(crate) mod pins;

/// Makes a test of each case for the store that `$open` opens in a new folder.
macro_rules! every_case {
    ($open:path) => {
        $crate::conformance::cases! { $open;
            files: bytes_come_back_whole_and_in_ranges, what_is_not_as_announced_is_never_seen,
                what_nobody_finishes_is_never_seen, what_has_no_announced_hash_is_kept_under_its_own, the_same_file_may_come_twice,
                metadata_stays_as_it_came_first, provenance_stays_as_it_came_first, what_is_written_can_be_read_before_the_end,
                a_window_stays_open_whatever_becomes_of_the_file;
            pins: the_first_sight_stays, other_bytes_are_one_incident, two_spellings_are_two_files,
                all_files_are_listed_in_order, many_at_once_agree;
            pages: a_page_comes_back, a_confirmed_page_is_younger, an_absence_cannot_be_confirmed_with_the_last_page, the_largest_serial_number_is_remembered, an_earlier_answer_changes_only_pins,
                a_file_goes_and_comes_back, a_name_that_is_listed_twice_is_one_file, a_project_goes_and_comes_back, an_absence_is_confirmed,
                metadata_that_was_read_is_in_the_history, indexes_have_their_own_history;
            decisions: new_verdicts_are_logged_and_repeats_counted, a_verdict_that_changes_is_logged_again,
                a_policy_that_is_only_tried_answers_nothing,
                the_same_bytes_under_two_names_are_two_files, a_batch_that_fails_leaves_nothing,
                entries_are_a_chain, totals_count_what_is_there;
        }
    };
}

macro_rules! cases {
    ($open:path; $($module:ident: $($case:ident),*;)*) => {$($(
        #[tokio::test]
        async fn $case() {
            let folder = tempfile::tempdir().unwrap();
            let store = $open(folder.path());
            $crate::conformance::$module::$case(&store).await;
        }
    )*)*};
}

pub(crate) use {cases, every_case};
