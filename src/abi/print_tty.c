/* Settings of terminals: struct termios of the kernel. */
#include <asm/termbits.h>

#include "abi/printer.h"
#include "base/mem.h"

#define F(f)                                                                                                 \
	{                                                                                                    \
		f, #f                                                                                        \
	}
static const struct name iflags[] = {F(IGNBRK), F(BRKINT), F(IGNPAR), F(PARMRK),  F(INPCK),
				     F(ISTRIP), F(INLCR),  F(IGNCR),  F(ICRNL),	  F(IUCLC),
				     F(IXON),	F(IXANY),  F(IXOFF),  F(IMAXBEL), F(IUTF8)};
static const struct name oflags[] = {F(OPOST), F(OLCUC),  F(ONLCR), F(OCRNL),
				     F(ONOCR), F(ONLRET), F(OFILL), F(OFDEL)};
static const struct name cflags[] = {F(CSTOPB),
				     F(CREAD),
				     F(PARENB),
				     F(PARODD),
				     F(HUPCL),
				     F(CLOCAL),
				     {010000000000, "CMSPAR"},
				     {020000000000, "CRTSCTS"}};
static const struct name lflags[] = {F(ISIG),	F(ICANON), F(XCASE),  F(ECHO),	 F(ECHOE),   F(ECHOK),
				     F(ECHONL), F(NOFLSH), F(TOSTOP), F(IEXTEN), F(ECHOCTL), F(ECHOPRT),
				     F(ECHOKE), F(FLUSHO), F(PENDIN), F(EXTPROC)};
static const struct name bauds[] = {
	F(B0),	     F(B50),	  F(B75),      F(B110),	    F(B134),	 F(B150),     F(B200),
	F(B300),     F(B600),	  F(B1200),    F(B1800),    F(B2400),	 F(B4800),    F(B9600),
	F(B19200),   F(B38400),	  F(B57600),   F(B115200),  F(B230400),	 F(B460800),  F(B500000),
	F(B576000),  F(B921600),  F(B1000000), F(B1152000), F(B1500000), F(B2000000), F(B2500000),
	F(B3000000), F(B3500000), F(B4000000), F(BOTHER)};
static const char *const chars[] = {"VINTR",	"VQUIT",    "VERASE",  "VKILL",	 "VEOF",  "VTIME",
				    "VMIN",	"VSWTC",    "VSTART",  "VSTOP",	 "VSUSP", "VEOL",
				    "VREPRINT", "VDISCARD", "VWERASE", "VLNEXT", "VEOL2"};
#undef F

/* Nothing at all where no flag is set. */
static void flags(struct buf *b, const struct name *names, size_t n, uint32_t v, const char *before)
{
	for (size_t i = 0; i < n; i++) {
		if (!(v & names[i].value))
			continue;
		print_text(b, "%s%s", before, names[i].text);
		v &= ~(uint32_t)names[i].value;
		before = "|";
	}
	if (v)
		print_text(b, "%s%#x", before, v);
}

static void output_flags(struct buf *b, uint32_t v)
{
	uint32_t delays = NLDLY | CRDLY | TABDLY | BSDLY | VTDLY | FFDLY;
	print_text(b, "NL%d|CR%d|", (v & NLDLY) / NL1, (v & CRDLY) / CR1);
	print_text(b, (v & TABDLY) == XTABS ? "XTABS" : "TAB%d", (v & TABDLY) / TAB1);
	print_text(b, "|BS%d|VT%d|FF%d", (v & BSDLY) / BS1, (v & VTDLY) / VT1, (v & FFDLY) / FF1);
	flags(b, oflags, ARRAY_LEN(oflags), v & ~delays, "|");
}

static const char *baud_name(uint32_t v)
{
	for (size_t i = 0; i < ARRAY_LEN(bauds); i++) {
		if (bauds[i].value == v)
			return bauds[i].text;
	}
	return "B???";
}

static void control_flags(struct buf *b, uint32_t v)
{
	uint32_t in = (v & CIBAUD) >> IBSHIFT;
	print_text(b, "%s|", baud_name(v & CBAUD));
	if (in)
		print_text(b, "%s<<IBSHIFT|", baud_name(in));
	print_text(b, "CS%d", 5 + (v & CSIZE) / CS6);
	flags(b, cflags, ARRAY_LEN(cflags), v & ~(uint32_t)(CBAUD | CIBAUD | CSIZE), "|");
}

static void control_chars(struct buf *b, const struct termios *t)
{
	if (t->c_line)
		print_text(b, "c_line=%#x, c_cc=[", t->c_line);
	else
		print_text(b, "c_line=N_TTY, c_cc=[");
	for (size_t i = 0; i < sizeof(t->c_cc); i++) {
		print_text(b, i ? ", " : "");
		if (i < ARRAY_LEN(chars))
			print_text(b, "[%s]=", chars[i]);
		else
			print_text(b, "[%zu]=", i);
		print_text(b, "%#x", t->c_cc[i]);
	}
	print_text(b, "]");
}

void print_termios(struct printed_call *c, struct buf *b, uint64_t addr, bool out)
{
	struct termios t;
	if (!addr || printer_read(c, addr, out, &t, sizeof(t)) != sizeof(t)) {
		print_addr(b, addr);
		return;
	}
	print_text(b, "{c_iflag=");
	flags(b, iflags, ARRAY_LEN(iflags), t.c_iflag, "");
	print_text(b, ", c_oflag=");
	output_flags(b, t.c_oflag);
	print_text(b, ", c_cflag=");
	control_flags(b, t.c_cflag);
	print_text(b, ", c_lflag=");
	flags(b, lflags, ARRAY_LEN(lflags), t.c_lflag, "");
	print_text(b, ", ");
	if (c->how->verbose)
		control_chars(b, &t);
	else
		print_text(b, "...");
	print_text(b, "}");
}
