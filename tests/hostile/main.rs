//! Real guests and visitors that mean harm, one after the other, against one real `paasd`. What each promises is in README.md.
//!
//! Not libtest's own harness: all rows share one platform, one neighbour under load, and have the machine to themselves, because they measure it.
#![cfg(test)]

mod answers;
mod arena;
mod code;
mod computing;
mod crowd;
mod elsewhere;
mod http1;
mod http2;
mod isolation;
mod load;
mod logs;
mod memory;
mod neighbour;
mod outbound;
mod pushes;
mod slow;
mod wire;

use arena::Arena;
use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Trial};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;

type Row = for<'a> fn(&'a mut Arena) -> LocalBoxFuture<'a, ()>;

macro_rules! rows {
    ($($module:ident: $($row:ident)*;)*) => { vec![$($((stringify!($module), stringify!($row), |arena| Box::pin($module::$row(arena)))),*),*] };
}

fn rows() -> Vec<(&'static str, &'static str, Row)> {
    rows! {
        computing:
            g01_an_endless_loop_is_ended
            g02_a_loop_before_the_first_answer_is_ended
            g05_deep_recursion_is_a_trap
            g06_recursion_through_the_host_is_a_trap
            g13_a_sleeper_is_woken_to_leave
            g23_a_deadline_holds_when_the_node_stood_still;
        memory:
            g03_memory_ends_at_the_limit
            g04_tables_memories_and_instances_end_at_the_limit
            g12_timers_without_end_are_refused;
        answers:
            g07_an_answer_without_end_waits_for_its_reader
            g08_a_body_that_nobody_reads_is_not_taken
            g09_a_trap_after_the_head_is_seen_to_be_one
            g10_no_answer_is_an_error;
        logs:
            g14_a_million_lines_are_cut_and_counted
            g15_a_line_without_end_is_cut
            g16_a_forged_line_stays_data
            g17_bytes_that_are_no_text_are_replaced;
        isolation:
            g18_nothing_of_others_is_there
            g19_nothing_is_left_of_the_request_before;
        code:
            g20_what_is_no_program_is_refused
            g20_what_is_too_large_is_refused_before_it_is_compiled
            g21_a_changed_file_of_the_code_cache_is_made_again;
        http1:
            n03_two_readings_of_one_request_are_refused
            n04_a_host_leads_to_one_place_or_none
            n05_a_visitor_cannot_forge_where_he_comes_from
            n06_headers_of_a_connection_stay_on_it
            n07_too_many_headers_are_refused
            n08_a_guest_cannot_split_its_answer;
        http2:
            n09_floods_of_http_2_end_their_connection;
        load:
            n10_an_upgrade_is_never_granted
            n17_ten_times_the_load_of_one_app_is_its_own_affair;
        crowd:
            n01_one_address_cannot_take_all_connections;
        outbound:
            n11_no_address_inside_is_reached
            n13_a_redirect_leads_nowhere_inside
            n14_a_disguised_address_is_the_same_address
            n15_an_answer_without_end_is_cut
            n15_a_packed_answer_stays_packed
            n15_a_host_that_is_silent_holds_nobody
            n16_an_app_that_calls_itself_is_stopped;
        pushes:
            b18_a_packed_bomb_is_no_push;
        slow:
            n01_a_head_that_comes_letter_by_letter_is_not_waited_for
            n02_a_body_that_comes_letter_by_letter_is_not_waited_for;
    }
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let runtime = Arc::new(Runtime::new().expect("a runtime starts"));
    let arena = Arc::new(Mutex::new(None));
    let trial = |(module, name, row): (&str, &str, Row)| {
        let (runtime, arena) = (runtime.clone(), arena.clone());
        Trial::test(format!("{module}::{name}"), move || {
            let mut arena = arena.lock().unwrap_or_else(PoisonError::into_inner);
            runtime.block_on(async {
                let arena = match &mut *arena {
                    Some(arena) => arena,
                    none => none.insert(Arena::open().await),
                };
                row(arena).await;
            });
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, rows().into_iter().map(trial).collect());
    let arena = arena.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(arena) = arena {
        runtime.block_on(arena.close(conclusion.has_failed()));
    }
    conclusion.exit()
}
