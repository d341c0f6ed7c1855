using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using FastTcpProxy.Control.Texts;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Daemon.Systemd;

/// <summary>
/// Reports the state of the program to the service manager, by datagrams to the socket that it names (sd_notify(3), "Notes": the protocol
/// is stable). Without such a socket, and when a datagram is not accepted, nothing happens: the program never depends on it. Nothing blocks
/// or throws. Any thread; <see cref="Alive"/> also a loop. It owns a socket that is bound to nothing.
/// </summary>
internal sealed unsafe class SystemdNotifier : IDisposable
{
    public const string SocketVariable = "NOTIFY_SOCKET";

    /// <summary>Bytes of the text of a state: the manager reads 4,096 of a datagram (NOTIFY_BUFFER_MAX).</summary>
    public const int StatusBytesMax = 1024;

    /// <summary>Bytes of a path, which may lack the NUL at its end when it fills the structure (unix(7)).</summary>
    private const int PathBytesMax = 108;

    private const int FamilyBytes = 2;
    private const int ClockMonotonic = 1;

    private readonly Socket? _socket;
    private readonly byte[] _address;

    private SystemdNotifier(Socket? socket, byte[] address)
    {
        _socket = socket;
        _address = address;
    }

    /// <summary>One without a service manager.</summary>
    public static SystemdNotifier None { get; } = new(null, []);

    public bool IsActive => _socket is not null;

    /// <summary>Takes the socket from the environment, and the variable with it: it is meant for this process alone.</summary>
    /// <param name="fault">Why it is of no use; null when there is none, or a good one.</param>
    public static SystemdNotifier FromEnvironment(out string? fault)
    {
        string? name = Environment.GetEnvironmentVariable(SocketVariable);
        Environment.SetEnvironmentVariable(SocketVariable, null);
        return Create(name, out fault);
    }

    /// <param name="name">An absolute path; after <c>@</c> a name in the abstract namespace; null or empty for none.</param>
    public static SystemdNotifier Create(string? name, out string? fault)
    {
        fault = null;
        if (string.IsNullOrEmpty(name)) return None;
        byte[] path = Encoding.UTF8.GetBytes(name);
        if (path[0] is not ((byte)'/' or (byte)'@') || path.Length is < 2 or > PathBytesMax)
        {
            fault = $"{SocketVariable} is \"{name}\", expected an absolute path, or @ and a name, of at most {PathBytesMax} bytes";
            return None;
        }
        // An abstract name begins with a NUL (unix(7)), which the variable cannot hold.
        if (path[0] == '@') path[0] = 0;
        byte[] address = new byte[FamilyBytes + path.Length];
        MemoryMarshal.Write(address, AfUnix);
        path.CopyTo(address, FamilyBytes);
        try
        {
            return new SystemdNotifier(new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified), address);
        }
        catch (SocketException e)
        {
            fault = $"{SocketVariable}: {e.Message}";
            return None;
        }
    }

    /// <summary>It serves: after the start, and after a reload, whether that changed anything or not.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={Line(status)}");

    /// <summary>A reload begins; <see cref="Ready"/> must follow.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));

    /// <summary>It ends, by itself or because it was told to.</summary>
    /// <param name="status">What it does meanwhile.</param>
    /// <param name="mayTake">How long that may take, so that the manager's own bound (TimeoutStopSec=) does not cut it short.</param>
    public void Stopping(string status, TimeSpan mayTake) => Send(string.Create(
        CultureInfo.InvariantCulture, $"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)mayTake.TotalMicroseconds}\nSTATUS={Line(status)}"));

    /// <summary>What <c>systemctl status</c> shows beside the state.</summary>
    public void Status(string status) => Send($"STATUS={Line(status)}");

    /// <summary>Feeds the watchdog (sd_watchdog_enabled(3)). Neither blocks nor allocates, so a loop may call it.</summary>
    public void Alive() => Send("WATCHDOG=1"u8);

    public void Dispose() => _socket?.Dispose();

    private void Send(string state) => Send(Encoding.UTF8.GetBytes(state));

    private void Send(ReadOnlySpan<byte> state)
    {
        if (_socket is null) return;
        SafeSocketHandle handle = _socket.SafeHandle;
        bool held = false;
        try
        {
            // Another thread may end the program meanwhile.
            handle.DangerousAddRef(ref held);
            fixed (byte* data = state, address = _address)
            {
                // To the address each time, and not connected: the manager may have made its socket again. A full queue or a missing
                // manager loses the message, which is what sd_notify(3) recommends to ignore.
                _ = sendto((int)handle.DangerousGetHandle(), data, (nuint)state.Length, MsgDontWait | MsgNoSignal, address,
                    (uint)_address.Length);
            }
        }
        catch (ObjectDisposedException)
        {
            // The program has ended for the manager already.
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    /// <summary>The text on one line, cut to what the manager takes: a line break would begin another assignment.</summary>
    private static string Line(string text)
    {
        string line = OneLine.Escape(text);
        while (Encoding.UTF8.GetByteCount(line) > StatusBytesMax) line = line[..(line.Length - Math.Max(1, line.Length / 8))];
        return line;
    }

    private static long MonotonicMicroseconds()
    {
        TimeSpec now;
        _ = clock_gettime(ClockMonotonic, &now);
        return now.Seconds * 1_000_000 + now.Nanoseconds / 1000;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern nint sendto(int fd, byte* data, nuint length, int flags, byte* address, uint addressLength);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, TimeSpec* time);
}
