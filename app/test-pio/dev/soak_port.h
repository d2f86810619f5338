/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef SOAK_PORT_H
#define SOAK_PORT_H

/*
 * A port with accounts of its frames, for operations at random under traffic.
 *
 * Sent: a frame that the driver has taken must leave once, in the order of its queue. One that never
 * left is accepted only if it was taken before the end of a window in which the device lost its state.
 * Received: a frame that the device has delivered must be received once, unless queues were stopped since.
 * All in one thread, except that recovery runs in EAL's.
 */

#include <atomic>
#include <deque>
#include <map>
#include <random>

#include <rte_pio.h>

#include "dev_port.h"

class SoakPort : public DevPort {
protected:
	static constexpr uint16_t nb_queues = 3;	/* of each direction */
	static constexpr uint16_t PIO_AUTO = 0, PIO_API = 1, RING = 2;

	struct Sent {
		uint32_t nb;
		Frame frame;
	};
	struct Account {
		uint32_t next = 0;
		uint32_t lossy_until = 0;	/* frames before this one may be lost */
		std::deque<Sent> open;
	};

	std::mt19937 random;
	Account tx[nb_queues];
	std::map<uint32_t, Frame> rx_open;		/* delivered by the device, not received */
	uint32_t rx_next = 0;
	uint32_t rx_lossy_until = 0;
	bool rx_started[nb_queues] = {};
	bool tx_started[nb_queues] = {};
	struct rte_pio_template *templates[2] = {};
	Frame template_frames[2];
	uint64_t nb_sent = 0, nb_lost = 0, nb_received = 0, nb_rx_lost = 0, nb_by_pio = 0;
	uint64_t nb_oerrors = 0;			/* of attachments that are over */
	std::atomic<int> nb_success{0}, nb_failed{0};

	uint32_t rnd(uint32_t n) { return random() % n; }

	/* attach ... start, from nothing */
	void bring_up();
	/* and back: nothing may be left */
	void take_down();
	void templates_make();
	void templates_free();

	/* frames of all queues' accounts go on their way; whatever has arrived is entered */
	void traffic(uint32_t nb_bursts);
	void collect();
	/* until nothing is open that must arrive */
	void settle(const char *when);
	/* whatever is open now may be lost */
	void rx_window();
	void tx_window();
	/* the port comes back by itself, with traffic meanwhile */
	void recovered(int before, const char *when);
	void states(bool started);

private:
	void send_burst(uint16_t queue);
	void send_pio();
	void send_template();
	void taken(uint16_t queue, Frame f);
	void sent_arrived(const Frame &f);
	Frame next_frame(uint16_t queue, uint32_t len);
	static int on_event(uint16_t, enum rte_eth_event_type type, void *arg, void *);
};

#endif /* SOAK_PORT_H */
