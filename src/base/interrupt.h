/* Ctrl-C and its like: files that have no final name yet go with the process. kill -9 leaves them; they are never mistaken for
 * the final ones. */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

/* SIGINT, SIGTERM and SIGHUP remove what is remembered, then end the process as they always do. Call once, early. */
void interrupt_prepare(void);
/* More than 64 at once, or a path too long: not remembered. */
void interrupt_remember(const char *path);
void interrupt_forget(const char *path);
/* Removes what is remembered. May be called by a signal's handler. */
void interrupt_clean(void);
/* A text that stays, or NULL: what is written to standard error when such a signal comes; by interrupt_speak, which handlers
 * may call. */
void interrupt_say(const char *text);
void interrupt_speak(void);

#endif
