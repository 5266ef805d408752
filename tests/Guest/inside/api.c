/*
 * api: asks the daemon. As curl does, which spends a third of a second here on loading its libraries.
 *
 * usage: api METHOD PATH [JSON]      PATH without /v1
 *
 * Prints the answer, with a line feed. The status is 1 when the daemon refused (what it said is on stderr), 2 when there was no answer, or one
 * of more than a MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void no_answer(const char *what)
{
	perror(what);
	exit(2);
}

int main(int argc, char **argv)
{
	static char answer[1 << 20];
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/ublk-dm/control.sock" };
	const char *json = argc > 3 ? argv[3] : "";
	size_t length = 0;
	ssize_t got;
	int status = 0, daemon = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: api METHOD PATH [JSON]\n");
		return 2;
	}
	if (connect(daemon, (struct sockaddr *)&address, sizeof(address)) != 0)
		no_answer(address.sun_path);
	/* HTTP/1.0: the answer is in one piece, and ends with the connection. */
	if (dprintf(daemon, "%s /v1%s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", argv[1], argv[2], strlen(json), json) < 0)
		no_answer("api: write");
	while ((got = read(daemon, answer + length, sizeof(answer) - 1 - length)) > 0)
		length += got;
	char *body = strstr(answer, "\r\n\r\n");
	if (got < 0 || length == sizeof(answer) - 1 || !body || sscanf(answer, "HTTP/%*s %d", &status) != 1)
		no_answer("api: read");
	body += 4;
	if (status / 100 != 2) {
		fprintf(stderr, "%s %s: %d: %s\n", argv[1], argv[2], status, body);
		return 1;
	}
	if (*body)
		printf("%s\n", body);
	return 0;
}
