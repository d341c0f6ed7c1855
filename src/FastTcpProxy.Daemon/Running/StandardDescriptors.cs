using System.Runtime.InteropServices;
using System.Text;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// Descriptors 0, 1 and 2, which whoever starts a program may have closed. The next file that is opened gets such a number, be it the runtime's or a client's connection,
/// and what is written to "standard output" goes there. So each that is closed becomes <c>/dev/null</c>. The main thread, before anything else.
/// </summary>
/// <remarks>
/// The runtime opens files before any code of ours runs. What it has opened is told from what was inherited by FD_CLOEXEC, which nothing has that came through execve(2), and
/// which all has that the runtime opens. Its own files cannot be moved, so the program executes itself again, this time with all three open. That happens once.
/// </remarks>
internal static unsafe partial class StandardDescriptors
{
    private const string Nowhere = "/dev/null", Self = "/proc/self/exe";

    private const int Last = 2;
    private const int GetFlags = 1, DuplicateCloseOnExec = 1030;
    private const int CloseOnExec = 1;
    private const int ReadWrite = 2, OpenCloseOnExec = 0x80000;

    /// <summary>Sees to it that all three are open and nobody else's.</summary>
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
        int[] kept = [-1, -1, -1];
        for (int fd = 0; fd <= Last; fd++)
        {
            if ((fcntl(fd, GetFlags, 0) & CloseOnExec) == 0) continue;
            kept[fd] = fcntl(fd, DuplicateCloseOnExec, Last + 1);
            _ = dup2(nowhere, fd);
        }
        ReplaceProcess();
        // Back to what they were: the runtime goes on with them for as long as it takes to end.
        for (int fd = 0; fd <= Last; fd++)
        {
            if (kept[fd] >= 0) _ = dup3(kept[fd], fd, OpenCloseOnExec);
        }
        return false;
    }

    private static void ReplaceProcess()
    {
        byte[][] arguments;
        try
        {
            string[] texts = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
            arguments = [.. texts.Select(t => Encoding.UTF8.GetBytes(t + '\0'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
        byte** argv = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < arguments.Length; i++)
        {
            argv[i] = (byte*)NativeMemory.Alloc((nuint)arguments[i].Length);
            arguments[i].CopyTo(new Span<byte>(argv[i], arguments[i].Length));
        }
        // By its path, so that ps(1) shows the name; by the link where the file was replaced meanwhile.
        if (Environment.ProcessPath is { } path) _ = execv(path, argv);
        _ = execv(Self, argv);
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

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execv(string path, byte** arguments);
}
