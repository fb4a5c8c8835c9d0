//! Guests that look for what is not theirs.
use crate::arena::Arena;

pub async fn g18_nothing_of_others_is_there(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    arena.developer.run("config:set DATABASE_PASSWORD=open-sesame -a neighbour").await.ok();
    let look = async |arena: &Arena| {
        assert_eq!(arena.get("guest", "/f").await.text, "nothing there\n", "no folder, file or socket");
        let environment = arena.get("guest", "/a").await.text;
        assert!(environment.contains("REQUEST_METHOD=GET"), "{environment}");
        for foreign in ["open-sesame", "PAAS_DATA", "DATABASE", "HOME=", "\nPATH="] {
            assert!(!environment.contains(foreign), "{foreign} in {environment}");
        }
    };
    arena.beside(look).await;
}

pub async fn g19_nothing_is_left_of_the_request_before(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let count = async |arena: &Arena| {
        for reply in arena.crowd("guest", "/g", 10).await {
            assert_eq!(reply.text, "1", "memory and globals begin anew");
        }
    };
    arena.beside(count).await;
}
