"""Play: a whole rehearsal, from the start of its parts to the audits of what they made.

``rehearse``   runs it from beginning to end
``pipeline``   the parts, started, watched, killed and ended
``scenarios``  what happens meanwhile, by name
``crash``      parts are killed
``restore``    the database is restored from a snapshot
``output``     the folder in which lake, source, catalog and report are kept
``audits``     both audits of a kept lake
``disorder``   a lake as the unluckiest delivery would have left it
"""
