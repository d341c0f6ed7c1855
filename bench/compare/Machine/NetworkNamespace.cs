using System.Globalization;
using System.Text;

namespace FastTcpProxy.Compare.Machine;

/// <summary>
/// A network of the program's own (network_namespaces(7)): there all ports are free, and the port range and the backlog can be set without
/// a change to the machine. Used once, by the main thread, before anything else is started.
/// </summary>
internal static unsafe class NetworkNamespace
{
    /// <summary>Set for the program inside, so that it does not start itself for ever.</summary>
    private const string Marker = "FASTTCPPROXY_COMPARE_NETNS";

    /// <summary>53,000 ports: more connections than a measured window opens, and the program's own ports lie below.</summary>
    public const string PortRange = "12000 65000";

    public const int Backlog = 16_384;

    public static bool IsInside => Environment.GetEnvironmentVariable(Marker) == "1";

    /// <summary>
    /// Begins anew inside a namespace, when that can be done; it does not return then. Replacing the process is what moves all its threads.
    /// </summary>
    /// <returns>Why it stays outside.</returns>
    public static string Enter()
    {
        if (Libc.geteuid() != 0) return "not root: it runs on the machine's own loopback, with its port range and its limit of the backlog";
        if (Libc.unshare(Libc.CloneNewNet) != 0 && Libc.LastError is var error)
            return $"no network namespace ({Libc.Describe(error)}): it runs on the machine's own loopback";
        Environment.SetEnvironmentVariable(Marker, "1");
        string[] arguments = SplitCommandLine(File.ReadAllText("/proc/self/cmdline"));
        IEnumerable<string> environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(v => $"{v.Key}={v.Value}");
        byte** argv = ToNative(arguments), envp = ToNative([.. environment]);
        fixed (byte* path = Encoding.UTF8.GetBytes(Environment.ProcessPath + "\0")) _ = Libc.execve(path, argv, envp);
        throw new InvalidOperationException($"cannot start {Environment.ProcessPath} again: {Libc.Describe(Libc.LastError)}");
    }

    /// <summary>Makes the namespace fit for load: loopback up, a wide port range, a deep backlog. Called inside it.</summary>
    /// <returns>What could not be set, which a container may forbid; a sentence each.</returns>
    /// <exception cref="InvalidOperationException">Loopback stays down.</exception>
    public static IEnumerable<string> SetUp()
    {
        RaiseLoopback();
        string?[] refused =
        [
            Write("/proc/sys/net/ipv4/ip_local_port_range", PortRange),
            Write("/proc/sys/net/core/somaxconn", Backlog.ToString(CultureInfo.InvariantCulture)),
        ];
        return refused.OfType<string>();
    }

    /// <summary>The arguments in the form of /proc/PID/cmdline: each ends with a NUL, also an empty one at the end.</summary>
    internal static string[] SplitCommandLine(string text) => text.Length == 0 ? [] : text[..^1].Split('\0');

    private static void RaiseLoopback()
    {
        const int nameBytes = 16, flagUp = 1;
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        "lo"u8.CopyTo(new Span<byte>(request, nameBytes));
        int fd = Libc.socket(Libc.AfInet, Libc.SockDgram | Libc.SockCloExec, 0);
        bool done = Libc.ioctl(fd, Libc.SiocGIfFlags, request) == 0;
        *(short*)(request + nameBytes) |= flagUp;
        done = done && Libc.ioctl(fd, Libc.SiocSIfFlags, request) == 0;
        int error = Libc.LastError;
        _ = Libc.close(fd);
        if (!done) throw new InvalidOperationException($"loopback of the namespace cannot be set up: {Libc.Describe(error)}");
    }

    private static string? Write(string path, string value)
    {
        try
        {
            File.WriteAllText(path, value);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be set to {value}: {e.Message}";
        }
    }

    /// <summary>A null-terminated array of strings for execve(2). It is not freed: the process is replaced.</summary>
    private static byte** ToNative(string[] texts)
    {
        byte** result = (byte**)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
            result[i] = (byte*)System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(texts[i]);
        return result;
    }
}
