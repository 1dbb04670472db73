"""The course on a stick: all that a machine without a network needs to set it up.

`making` puts a kit together; `systems` says for which machines, `locks` what each of them installs,
`wheels` fetches that, and `course_files` says what of this repository is the course.
"""
