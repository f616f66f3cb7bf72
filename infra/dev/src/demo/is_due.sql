-- Whether the demo data is still to be loaded: nobody is there but perhaps some of its own people, and they have done nothing
-- yet (so an interrupted loading is taken up again), nor was anything of it deleted.
SELECT NOT EXISTS (SELECT FROM users WHERE id NOT IN
           ('user_ada', 'user_bruno', 'user_chiara', 'user_dmitri', 'user_elif', 'user_farid'))
   AND NOT EXISTS (SELECT FROM projects)
   AND NOT EXISTS (SELECT FROM workspaces WHERE description IS NOT NULL)
   AND NOT EXISTS (SELECT FROM clerk_objects WHERE deleted)
