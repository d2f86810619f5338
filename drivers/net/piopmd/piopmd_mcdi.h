/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_MCDI_H
#define PIOPMD_MCDI_H

/*
 * MCDI: requests to the adapter's management controller (MC).
 *
 * One DMA buffer per function holds the request and is overwritten by its response. A request is
 * announced by two doorbell writes with the buffer's address; the response is there when a bit of its
 * first word is set. There is one request at a time; a lock keeps others out. The commands
 * themselves are in piopmd_cmd.h.
 *
 *	request:   write payload and header, barrier, doorbell
 *	waiting:   poll the buffer and the MC's status word, with growing pauses, until
 *	           - the response bit			done
 *	           - the status word is all ones	device gone: -ENODEV from now on
 *	           - its boot count has changed		MC rebooted: -EIO until piopmd_mcdi_epoch_start
 *	           - PIOPMD_MCDI_TIMEOUT_US are over	dead: -ETIMEDOUT, and -EIO from now on
 *
 * Epoch: after an MC reboot the MC refuses requests until one says that its sender knows. The first
 * request after piopmd_mcdi_epoch_start says so.
 *
 * Threads: any control thread (the lock serialises). Blocks: up to the time limit.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_memzone.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIOPMD_MCDI_TIMEOUT_US	(10 * 1000 * 1000u)	/* as long as upstream's driver waits */
#define PIOPMD_MCDI_SPIN_US	20u			/* polled without a pause first */
#define PIOPMD_MCDI_POLL_MIN_US	10u			/* then pauses, each twice as long, */
#define PIOPMD_MCDI_POLL_MAX_US	1000u			/* up to this */
#define PIOPMD_MCDI_BOOT_US	(5 * 1000 * 1000u)	/* how long a reboot of the MC may take */

enum piopmd_mcdi_state {
	PIOPMD_MCDI_OFF,	/* not set up */
	PIOPMD_MCDI_READY,
	PIOPMD_MCDI_REBOOTED,	/* the MC has lost everything; epoch_start makes it READY */
	PIOPMD_MCDI_DEAD,	/* a request was not answered in time */
	PIOPMD_MCDI_GONE,	/* the device does not decode its BAR any more */
};

struct piopmd_mcdi {
	pthread_mutex_t lock;		/* innermost lock of the driver */
	enum piopmd_mcdi_state state;
	volatile void *bar;
	const struct rte_memzone *mz;
	const char *name;		/* of the device, for the log */
	uint8_t seq;			/* 4 bits */
	bool epoch_new;			/* next request opens an epoch */
	uint16_t boot_count;
	uint64_t nb_requests;
};

struct piopmd_mcdi_req {
	uint32_t cmd;
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;			/* response payload, cut off at out_size */
	size_t out_size;
	size_t out_min;			/* a shorter response is -EIO */
	/* results */
	size_t out_len;			/* of the response, may exceed out_size */
	uint32_t mc_err;		/* MC's errno; 0: none */
	uint32_t mc_err_arg;
	bool quiet;			/* in: an error of the MC is expected and not logged */
};

/* Codec, apart from the transport so that it can be tested alone. */

/*
 * Writes payload, then header to buf, which has room for EF10_MCDI_BUF_LEN bytes. Returns 0, or
 * -EMSGSIZE: in_len or out_size is beyond the protocol.
 */
int piopmd_mcdi_request_encode(uint8_t *buf, const struct piopmd_mcdi_req *req, uint8_t seq,
			       bool epoch_new);

/* Whether the first word of the buffer says that the response is complete. */
bool piopmd_mcdi_response_is_complete(uint32_t word0);

/*
 * Takes a complete response apart and copies its payload. Returns 0, the negative errno for the
 * MC's error (req->mc_err is set), or -EIO: it does not belong to this request, is too short, or says
 * that the MC has rebooted (*rebooted).
 */
int piopmd_mcdi_response_decode(const uint8_t *buf, struct piopmd_mcdi_req *req, uint8_t seq,
				bool *rebooted);

/* Negative errno for an errno of the MC. */
int piopmd_mcdi_errno(uint32_t mc_err);

/* Transport */

/* -ENOMEM; -ENODEV the device does not answer; -EIO there is no MC. Opens the first epoch. */
int piopmd_mcdi_init(struct piopmd_mcdi *mcdi, const char *name, volatile void *bar, int socket_id);

/* Abandons what is under way and frees the buffer. May be repeated. */
void piopmd_mcdi_fini(struct piopmd_mcdi *mcdi);

/* After a reboot of the MC, or to begin afresh: READY again unless GONE. */
int piopmd_mcdi_epoch_start(struct piopmd_mcdi *mcdi);

/* Looks at the status word without a request. Returns 0, -ENODEV or -EIO (rebooted, dead). */
int piopmd_mcdi_check(struct piopmd_mcdi *mcdi);

/*
 * Executes one request. Returns 0; a negative errno for the MC's error (piopmd_mcdi_errno);
 * -ENODEV, -EIO, -ETIMEDOUT as above.
 */
int piopmd_mcdi_execute(struct piopmd_mcdi *mcdi, struct piopmd_mcdi_req *req);

/* The same for a command whose response has no payload, or none that matters. */
int piopmd_mcdi_send(struct piopmd_mcdi *mcdi, uint32_t cmd, const uint8_t *in, size_t in_len,
		     bool quiet);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_MCDI_H */
