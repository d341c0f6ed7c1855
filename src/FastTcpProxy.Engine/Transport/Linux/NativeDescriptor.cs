using System.Runtime.InteropServices;
using System.Text;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The system calls on descriptors of any kind. Stateless; any thread that owns the descriptor.</summary>
public static unsafe class NativeDescriptor
{
    /// <summary>Flags of open(2) that are the same on all machines.</summary>
    public const int ReadWrite = 2, Create = 0x40, PathOnly = 0x200000;

    /// <summary>Commands of fcntl(2) on the flags of a descriptor, of which there is one: FD_CLOEXEC.</summary>
    public const int GetFlags = 1, SetFlags = 2, CloseOnExec = 1;

    /// <summary>F_DUPFD_CLOEXEC (fcntl(2)) and O_CLOEXEC (open(2)).</summary>
    public const int DuplicateCloseOnExec = 1030, OpenCloseOnExec = 0x80000;

    /// <summary>O_NOFOLLOW and O_DIRECTORY, which are other bits on Arm.</summary>
    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000, DirectoryOnly = IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    /// <summary>
    /// Opens a file by the plain call (open(2)): the framework locks what it opens, follows links, and opens no directory.
    /// </summary>
    /// <param name="mode">The permissions of a file that it creates.</param>
    /// <returns>A descriptor that no child inherits, or the negative error number.</returns>
    public static int Open(string path, int flags, uint mode = 0)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            while (true)
            {
                int descriptor = open(name, flags | OpenCloseOnExec, mode);
                if (descriptor >= 0) return descriptor;
                int error = Marshal.GetLastSystemError();
                if (error != Eintr) return -error;
            }
        }
    }

    /// <summary>No child inherits it: FD_CLOEXEC (fcntl(2)). False: it is not open.</summary>
    public static bool SetCloseOnExec(int descriptor)
    {
        int flags = fcntl(descriptor, GetFlags, 0);
        return flags >= 0 && fcntl(descriptor, SetFlags, flags | CloseOnExec) >= 0;
    }

    /// <summary>A duplicate that no child inherits; negative when no descriptor is left, or it is not open.</summary>
    public static int Duplicate(int descriptor) => fcntl(descriptor, DuplicateCloseOnExec, 0);

    /// <summary>Waits until one of the descriptors has what is awaited of it, for a time (poll(2)).</summary>
    /// <param name="timeoutMs">0: does not wait; negative: for ever.</param>
    /// <returns>How many have, or the negative error number: -EINTR when a signal came meanwhile.</returns>
    public static int Poll(Span<PollFd> descriptors, int timeoutMs)
    {
        fixed (PollFd* first = descriptors)
        {
            int ready = poll(first, (nuint)descriptors.Length, timeoutMs);
            return ready >= 0 ? ready : -Marshal.GetLastSystemError();
        }
    }

    /// <summary>Writes some of the bytes (write(2)).</summary>
    /// <returns>How many, at least one of any; or the negative error number, which is not -EINTR.</returns>
    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            while (true)
            {
                nint written = write(descriptor, first, (nuint)bytes.Length);
                if (written >= 0) return (int)written;
                int error = Marshal.GetLastSystemError();
                if (error != Eintr) return -error;
            }
        }
    }

    /// <summary>Gives an open file its permissions, whatever the umask (fchmod(2)). False: it may not be changed.</summary>
    public static bool SetMode(int descriptor, uint mode) => fchmod(descriptor, mode) == 0;

    public static void Close(int descriptor) => _ = close(descriptor);

    // Blittable, so no marshalling is generated; errno is read with GetLastSystemError right after a failed call.
    [DllImport("libc")]
    private static extern int open(byte* path, int flags, uint mode);

    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, nint argument);

    [DllImport("libc")]
    private static extern int poll(PollFd* descriptors, nuint count, int timeoutMs);

    [DllImport("libc")]
    private static extern nint write(int fd, byte* bytes, nuint count);

    [DllImport("libc")]
    private static extern int fchmod(int fd, uint mode);

    [DllImport("libc")]
    private static extern int close(int fd);
}
