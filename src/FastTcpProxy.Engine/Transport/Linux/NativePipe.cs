using System.Runtime.InteropServices;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The system calls for pipes (pipe(2), splice(2)). None waits: pipes are made non-blocking, and sockets must be. Stateless; any thread.
/// </summary>
internal static unsafe class NativePipe
{
    private const int OpenNonBlock = 0x800, OpenCloseOnExec = 0x80000;
    private const int GetFlags = 3, SetFlags = 4, SetPipeSize = 1031, GetPipeSize = 1032;
    private const uint SpliceMove = 1, SpliceNonBlock = 2;

    /// <summary>Makes a pipe. False: there is no descriptor or no memory for it.</summary>
    public static bool TryOpen(out int readFd, out int writeFd)
    {
        int* ends = stackalloc int[2];
        bool opened = pipe2(ends, OpenNonBlock | OpenCloseOnExec) == 0;
        (readFd, writeFd) = opened ? (ends[0], ends[1]) : (-1, -1);
        return opened;
    }

    /// <summary>
    /// Asks for room. The kernel may refuse (pipe-max-size, pipe-user-pages-soft in pipe(7)), and the pipe stays as it is.
    /// </summary>
    public static void Resize(int fd, int bytes) => _ = fcntl(fd, SetPipeSize, bytes);

    /// <summary>The room that a pipe has, in bytes if each of its slots holds a whole page.</summary>
    public static int SizeOf(int fd) => fcntl(fd, GetPipeSize, 0);

    /// <summary>
    /// Splicing waits on a descriptor that may block, whatever its own flag says; the runtime makes sockets non-blocking at their first
    /// operation only.
    /// </summary>
    public static void SetNonBlocking(int fd) => _ = fcntl(fd, SetFlags, fcntl(fd, GetFlags, 0) | OpenNonBlock);

    /// <summary>Moves bytes between a pipe and a socket. Returns how many, or the negative error number.</summary>
    public static int Splice(int from, int to, int bytesMax)
    {
        while (true)
        {
            nint moved = splice(from, null, to, null, (nuint)bytesMax, SpliceMove | SpliceNonBlock);
            if (moved >= 0) return (int)moved;
            int errno = Marshal.GetLastSystemError();
            if (errno != Eintr) return -errno;
        }
    }

    /// <summary>Reads from a pipe that is not empty.</summary>
    public static int Read(int fd, Span<byte> destination)
    {
        fixed (byte* p = destination)
        {
            while (true)
            {
                nint bytes = read(fd, p, (nuint)destination.Length);
                if (bytes > 0) return (int)bytes;
                if (bytes == 0 || Marshal.GetLastSystemError() != Eintr)
                    throw new InvalidOperationException("a pipe holds less than was put into it");
            }
        }
    }

    // Blittable, so no marshalling is generated; errno is read with GetLastSystemError right after a failed call.
    [DllImport("libc")]
    private static extern int pipe2(int* ends, int flags);

    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, int value);

    [DllImport("libc")]
    private static extern nint splice(int from, void* fromOffset, int to, void* toOffset, nuint length, uint flags);

    [DllImport("libc")]
    private static extern nint read(int fd, void* buffer, nuint length);
}
