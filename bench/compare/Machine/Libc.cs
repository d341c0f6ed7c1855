using System.Runtime.InteropServices;

namespace FastTcpProxy.Compare.Machine;

/// <summary>
/// The system calls of Linux that the load and the harness make themselves. Stateless, any thread. What never waits suppresses the
/// runtime's transition: the load makes these calls a hundred thousand times a second.
/// </summary>
internal static unsafe partial class Libc
{
    public const int AfInet = 2, SockStream = 1, SockDgram = 2, SockNonBlock = 0x800, SockCloExec = 0x80000;
    public const int SolSocket = 1, SoReuseAddr = 2, SoReusePort = 15, IpProtoTcp = 6, TcpNoDelay = 1;
    public const int MsgTrunc = 0x20, MsgDontWait = 0x40, MsgNoSignal = 0x4000;
    public const uint EpollIn = 1, EpollOut = 4, EpollErr = 8, EpollHup = 0x10;
    public const int EpollAdd = 1, EpollModify = 3, EpollCloExec = 0x80000;
    public const int Eintr = 4, Eagain = 11, Enosys = 38, Eaddrinuse = 98, Einprogress = 115;
    public const int ClockProcessCpu = 2;
    public const int RlimitNoFile = 7;
    public const int CloneNewNet = 0x40000000;
    public const nuint SiocGIfFlags = 0x8913, SiocSIfFlags = 0x8914;
    public const int PrSetTimerSlack = 29, PrSetDeathSignal = 1;
    public const int SigTerm = 15, SigKill = 9;

    /// <summary>The last error of this thread, read at once after the call that failed.</summary>
    public static int LastError => Marshal.GetLastSystemError();

    [DllImport("libc"), SuppressGCTransition]
    public static extern int socket(int family, int type, int protocol);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int bind(int fd, byte* address, uint length);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int listen(int fd, int backlog);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int connect(int fd, byte* address, uint length);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int accept4(int fd, byte* address, uint* length, int flags);

    [DllImport("libc"), SuppressGCTransition]
    public static extern nint recv(int fd, byte* buffer, nuint length, int flags);

    [DllImport("libc"), SuppressGCTransition]
    public static extern nint send(int fd, byte* buffer, nuint length, int flags);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int close(int fd);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int setsockopt(int fd, int level, int name, int* value, uint length);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int getsockname(int fd, byte* address, uint* length);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int epoll_create1(int flags);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int epoll_ctl(int epoll, int operation, int fd, byte* change);

    [DllImport("libc")]
    public static extern int epoll_wait(int epoll, byte* events, int max, int timeoutMs);

    [DllImport("libc")]
    public static extern int epoll_pwait2(int epoll, byte* events, int max, long* timeout, void* signals);

    [DllImport("libc")]
    public static extern nint sendfile(int to, int from, long* offset, nuint length);

    [DllImport("libc")]
    public static extern nint write(int fd, byte* buffer, nuint length);

    [DllImport("libc")]
    public static extern int memfd_create(byte* name, uint flags);

    [DllImport("libc")]
    public static extern int clock_gettime(int clock, long* time);

    [DllImport("libc")]
    public static extern int clock_getcpuclockid(int pid, int* clock);

    [DllImport("libc")]
    public static extern int sched_setaffinity(int thread, nuint length, byte* mask);

    [DllImport("libc")]
    public static extern int sched_getaffinity(int thread, nuint length, byte* mask);

    [DllImport("libc")]
    public static extern int getrlimit(int resource, ulong* limit);

    [DllImport("libc")]
    public static extern int setrlimit(int resource, ulong* limit);

    [DllImport("libc")]
    public static extern int unshare(int flags);

    [DllImport("libc")]
    public static extern int execve(byte* path, byte** arguments, byte** environment);

    [DllImport("libc")]
    public static extern int ioctl(int fd, nuint request, byte* argument);

    [DllImport("libc")]
    public static extern int prctl(int option, ulong value, ulong unused3, ulong unused4, ulong unused5);

    [DllImport("libc")]
    public static extern int kill(int pid, int signal);

    [DllImport("libc")]
    public static extern uint geteuid();

    /// <summary>Writes 127.0.0.1 and a port as the structure sockaddr_in (ip(7)).</summary>
    /// <param name="address">Room for 16 bytes.</param>
    /// <returns>Its length.</returns>
    public static uint WriteLoopback(byte* address, int port)
    {
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = AfInet;
        address[2] = (byte)(port >> 8);
        address[3] = (byte)port;
        address[4] = 127;
        address[7] = 1;
        return 16;
    }

    public static void SetOption(int fd, int level, int name, int value) => _ = setsockopt(fd, level, name, &value, sizeof(int));

    /// <summary>The text of an error number.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);
}
