-- The subject is nobody from here on; processes notice when their short cache runs out.
DELETE FROM access.publishers WHERE publisher = $1
