using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Transport.Linux;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The system calls of a take-over, for which the framework has none. Blittable, so no marshalling is generated; stateless, any thread.
/// </summary>
internal static unsafe class TakeOverNative
{
    public const int MsgControlTruncated = 0x8, MsgCloseOnExec = 0x40000000;
    public const int ScmRights = 1;
    private const int PidfdOpen = 434;
    private const int EventCloseOnExec = 0x80000, EventNonBlocking = 0x800;

    /// <summary>A descriptor that becomes readable by <see cref="Raise"/> and stays so; negative when none is left.</summary>
    public static int NewEvent() => eventfd(0, EventCloseOnExec | EventNonBlocking);

    /// <summary>
    /// A descriptor of a process, which is readable when it has ended (pidfd_open(2), which the C library has late); negative when it
    /// cannot be had.
    /// </summary>
    public static int OpenProcess(int processId) => (int)syscall(PidfdOpen, processId, 0);

    /// <summary>Whether the descriptor becomes readable within a time.</summary>
    public static bool IsReadable(int fd, int timeoutMs)
    {
        PollFd polled = new(fd, PollFd.In);
        TimeBound bound = TimeBound.After(TimeSpan.FromMilliseconds(timeoutMs));
        while (true)
        {
            int ready = NativeDescriptor.Poll(new Span<PollFd>(ref polled), bound.RemainingMs);
            if (ready != -Eintr) return ready > 0;
        }
    }

    public static void Raise(int fd)
    {
        ulong one = 1;
        _ = write(fd, &one, sizeof(ulong));
    }

    public static int LastError => Marshal.GetLastSystemError();

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr of glibc and of the kernel (recvmsg(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorsCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct cmsghdr (cmsg(3)); data follows, aligned like it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [DllImport("libc")]
    public static extern nint sendmsg(int fd, MessageHeader* message, int flags);

    [DllImport("libc")]
    public static extern nint recvmsg(int fd, MessageHeader* message, int flags);

    [DllImport("libc")]
    private static extern int eventfd(uint initial, int flags);

    [DllImport("libc")]
    private static extern nint write(int fd, void* buffer, nuint length);

    [DllImport("libc")]
    private static extern nint syscall(nint number, nint first, nint second);
}
