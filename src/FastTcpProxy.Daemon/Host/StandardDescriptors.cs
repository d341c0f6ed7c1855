using System.Runtime.InteropServices;
using System.Text;
// Its constants only: a call would load an assembly.
using static FastTcpProxy.Engine.Transport.Linux.NativeDescriptor;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Descriptors 0, 1 and 2, which the program that starts this one may have closed. The next file that is opened gets such a number, of the
/// runtime or of a client's connection, and what is written to "standard output" goes there. So each that is closed becomes
/// <c>/dev/null</c>. The main thread, before anything else.
/// </summary>
/// <remarks>
/// The runtime opens files before any code of ours runs. FD_CLOEXEC tells its descriptors from inherited ones: no descriptor that came
/// through execve(2) has it, and every descriptor of the runtime does. Its own files cannot be moved, so the program executes itself again,
/// this time with all three open. That happens once.
/// </remarks>
internal static unsafe partial class StandardDescriptors
{
    private const string Nowhere = "/dev/null", Self = "/proc/self/exe";

    private const int Last = 2;

    /// <summary>Ensures that all three are open and belong to no other file.</summary>
    /// <returns>False: one of them is a file of the runtime, and that could not be changed; the program must not write to it.</returns>
    public static bool TryMend()
    {
        bool taken = false;
        for (int fd = 0; fd <= Last; fd++)
        {
            int flags = fcntl(fd, GetFlags, 0);
            // The lowest number that is free, and so this one, unless another thread was faster.
            if (flags < 0) taken |= !TryOpenAs(fd);
            else taken |= (flags & CloseOnExec) != 0;
        }
        return !taken || ExecuteAgain();
    }

    private static bool TryOpenAs(int fd)
    {
        int opened = open(Nowhere, ReadWrite);
        if (opened == fd) return true;
        if (opened >= 0) _ = close(opened);
        return false;
    }

    /// <summary>Does not return, unless it fails.</summary>
    private static bool ExecuteAgain()
    {
        int nowhere = open(Nowhere, ReadWrite | OpenCloseOnExec);
        if (nowhere < 0) return false;
        byte** arguments = Arguments();
        if (arguments is null) return false;
        byte* path = ToNative(Encoding.UTF8.GetBytes((Environment.ProcessPath ?? Self) + '\0'));
        byte* link = ToNative(Encoding.UTF8.GetBytes(Self + '\0'));
        byte* none = ToNative([0]);
        // One call of each without effect: the runtime must not do its first-call work while its own files are away.
        _ = dup2(nowhere, nowhere);
        _ = execv(none, arguments);
        int* kept = stackalloc int[Last + 1];
        for (int fd = 0; fd <= Last; fd++)
            kept[fd] = (fcntl(fd, GetFlags, 0) & CloseOnExec) == 0 ? -1 : fcntl(fd, DuplicateCloseOnExec, Last + 1);
        for (int fd = 0; fd <= Last; fd++)
        {
            if (kept[fd] >= 0) _ = dup2(nowhere, fd);
        }
        // By its path, so that ps(1) shows the name; by the link where the file was replaced meanwhile.
        _ = execv(path, arguments);
        _ = execv(link, arguments);
        // Back to what they were: the runtime continues with them for as long as it takes to exit.
        for (int fd = 0; fd <= Last; fd++)
        {
            if (kept[fd] >= 0) _ = dup3(kept[fd], fd, OpenCloseOnExec);
        }
        return false;
    }

    /// <summary>The command line as it was given, for a call that does not return; null: it cannot be read.</summary>
    private static byte** Arguments()
    {
        byte[] line;
        try
        {
            line = File.ReadAllBytes("/proc/self/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        byte* text = ToNative(line);
        byte** arguments = (byte**)NativeMemory.AllocZeroed((nuint)line.AsSpan().Count((byte)0) + 1, (nuint)sizeof(byte*));
        // Each ends with a NUL.
        for (int at = 0, count = 0; at < line.Length; at += line.AsSpan(at).IndexOf((byte)0) + 1) arguments[count++] = text + at;
        return arguments;
    }

    private static byte* ToNative(ReadOnlySpan<byte> bytes)
    {
        byte* copy = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    [LibraryImport("libc")]
    private static partial int fcntl(int fd, int command, int argument);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int dup3(int from, int to, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial int execv(byte* path, byte** arguments);
}
