using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The system calls on files that are memory. Stateless; any thread that owns the descriptor.</summary>
internal static unsafe class NativeMemoryFile
{
    // Of the kernel: linux/memfd.h, linux/fcntl.h, asm-generic/mman-common.h; the same on all machines that the runtime has.
    private const uint CloseOnExec = 1, AllowSealing = 2;
    private const int AddSeals = 1033, GetSeals = 1034, SealShrink = 2;
    private const int ProtectRead = 1, ProtectWrite = 2, MapShared = 1;
    private const int GetLock = 5, SetLock = 6;
    private const short WriteLock = 1, Unlocked = 2;

    /// <summary>
    /// A file of so many bytes, all zero, which no child inherits and no process can make shorter: what is mapped of it stays there.
    /// Negative: the kernel gives none.
    /// </summary>
    public static int Create(string name, long bytes)
    {
        int descriptor;
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + '\0')) descriptor = memfd_create(text, CloseOnExec | AllowSealing);
        if (descriptor < 0) return -1;
        if (ftruncate(descriptor, (nint)bytes) == 0 && fcntl(descriptor, AddSeals, SealShrink) == 0) return descriptor;
        NativeDescriptor.Close(descriptor);
        return -1;
    }

    /// <summary>Whether it is sealed against getting shorter, and so long at least. What is none is not.</summary>
    public static bool IsLasting(int descriptor, long bytes) =>
        fcntl(descriptor, GetSeals, 0) is var seals && seals >= 0 && (seals & SealShrink) != 0 && lseek(descriptor, 0, 2) >= bytes;

    /// <summary>Null: it cannot be mapped.</summary>
    public static byte* Map(int descriptor, long bytes, bool writable)
    {
        nint mapped = mmap(0, (nuint)bytes, writable ? ProtectRead | ProtectWrite : ProtectRead, MapShared, descriptor, 0);
        return mapped == -1 ? null : (byte*)mapped;
    }

    public static void Unmap(byte* start, long bytes) => _ = munmap((nint)start, (nuint)bytes);

    public static bool TryWrite(int descriptor, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* first = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                nint written = pwrite(descriptor, first + at, (nuint)(bytes.Length - at), (nint)offset + at);
                if (written <= 0) return false;
                at += (int)written;
            }
        }
        return true;
    }

    public static bool TryRead(int descriptor, Span<byte> bytes, long offset)
    {
        fixed (byte* first = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                nint read = pread(descriptor, first + at, (nuint)(bytes.Length - at), (nint)offset + at);
                if (read <= 0) return false;
                at += (int)read;
            }
        }
        return true;
    }

    /// <summary>
    /// Locks it for this process (fcntl(2), F_SETLK): the kernel takes the lock away when the process ends, in whatever way, or closes any
    /// descriptor of the file. A process that was passed the descriptor has no part in the lock.
    /// </summary>
    public static bool TryLock(int descriptor)
    {
        FileLock whole = new() { Type = WriteLock };
        return fcntl(descriptor, SetLock, &whole) == 0;
    }

    /// <summary>Whether another process holds the lock.</summary>
    public static bool IsLockedByOther(int descriptor)
    {
        FileLock whole = new() { Type = WriteLock };
        return fcntl(descriptor, GetLock, &whole) == 0 && whole.Type != Unlocked;
    }

    /// <summary>struct flock.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type, Whence;
        public long Start, Length;
        public int ProcessId;
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int memfd_create(byte* name, uint flags);

    [DllImport("libc")]
    private static extern int ftruncate(int fd, nint length);

    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, nint argument);

    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, FileLock* argument);

    [DllImport("libc")]
    private static extern nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [DllImport("libc")]
    private static extern int munmap(nint address, nuint length);

    [DllImport("libc")]
    private static extern nint pread(int fd, void* bytes, nuint count, nint offset);

    [DllImport("libc")]
    private static extern nint pwrite(int fd, void* bytes, nuint count, nint offset);

    [DllImport("libc")]
    private static extern nint lseek(int fd, nint offset, int whence);
}
