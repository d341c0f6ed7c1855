using System.Globalization;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// How a process that drains is named in the folder of its administrative socket: by its process id, as <c>admin.sock.4711</c>; as
/// <c>admin.sock.4711-2</c> where that name belongs to another process. That happens when two PID namespaces share the folder: each has a
/// process with that number. Immutable.
/// </summary>
/// <param name="ProcessId">As its own namespace numbers it.</param>
/// <param name="Number">From 1, which is not written, to <see cref="NumberMax"/>.</param>
internal readonly record struct GenerationName(int ProcessId, int Number = 1)
{
    /// <summary>Processes of one number that can drain at once beside one socket: more namespaces than will ever share it.</summary>
    public const int NumberMax = 8;

    /// <summary>Where the process has its administrative interface.</summary>
    /// <param name="adminSocket">The path of the one that serves.</param>
    public string PathFor(string adminSocket) => $"{adminSocket}.{this}";

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else: one process has one name.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out GenerationName name)
    {
        name = default;
        int dash = text.IndexOf('-');
        if (!int.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int processId)) return false;
        int number = 1;
        if (dash >= 0 && (text.Length != dash + 2 || (number = text[dash + 1] - '0') is < 2 or > NumberMax)) return false;
        name = new GenerationName(processId, number);
        return true;
    }

    /// <summary>The name that a socket's path ends with; the number of its process where it ends otherwise.</summary>
    public static GenerationName Of(string socket, int processId) =>
        TryParse(socket.AsSpan(socket.LastIndexOf('.') + 1), out GenerationName name) && name.ProcessId == processId
        ? name
        : new GenerationName(processId);

    /// <summary>Takes the first name for this process that is free, or left behind.</summary>
    /// <exception cref="BindException">None can be had; the message says why, and what to do.</exception>
    public static AdminSocket Bind(string adminSocket, SocketPermissions permissions)
    {
        for (GenerationName name = new(Environment.ProcessId); ; name = name with { Number = name.Number + 1 })
        {
            try
            {
                return AdminSocket.Bind(name.PathFor(adminSocket), permissions);
            }
            catch (BindException e)
                when (name.Number < NumberMax && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
            {
                // Another process serves it, or is about to, or it is a file of another program.
            }
        }
    }

    public override string ToString() => Number == 1
        ? ProcessId.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{ProcessId}-{Number}");
}
