using System.Globalization;
using System.Net;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>A process that listens. Immutable.</summary>
/// <param name="Pid">Its number; 0: it belongs to another user, and cannot be seen.</param>
/// <param name="Name">Its name; empty: it cannot be seen.</param>
internal sealed record PortHolder(int Pid, string Name)
{
    /// <summary>Lines of a table of the kernel that are read, and processes that are looked into.</summary>
    private const int LinesMax = 1_000_000, ProcessesMax = 100_000;

    private const string Listening = "0A";

    /// <summary>__SO_ACCEPTCON of the kernel: a UNIX socket that listens.</summary>
    private const int Accepts = 1 << 16;

    /// <summary>The processes whose listening sockets are in the way of an address, from the kernel's tables (proc_pid_net(5)), so that no
    /// socket is made and no client is touched.</summary>
    public static IReadOnlyList<PortHolder> Find(IPEndPoint address) =>
        Find([.. Inodes("/proc/net/tcp", address), .. Inodes("/proc/net/tcp6", address)]);

    /// <summary>The processes that listen on a UNIX socket, by the path that they have bound.</summary>
    public static IReadOnlyList<PortHolder> Find(string path) => Find([.. Inodes("/proc/net/unix", path)]);

    private static IReadOnlyList<PortHolder> Find(HashSet<string> inodes)
    {
        if (inodes.Count == 0) return [];
        List<PortHolder> holders = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc").Take(ProcessesMax))
        {
            bool isProcess = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid);
            if (isProcess && Has(folder, inodes))
                holders.Add(new PortHolder(pid, NameOf(folder)));
        }
        return holders.Count > 0 ? holders : [new PortHolder(0, "")];
    }

    /// <summary>"nginx (process 812)".</summary>
    public override string ToString() => Pid == 0
        ? "a process of another user"
        : string.Create(CultureInfo.InvariantCulture, $"{OneLine.Escape(Name)} (process {Pid})");

    private static IEnumerable<string> Inodes(string table, string path)
    {
        foreach (string line in Lines(table))
        {
            string[] fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            bool isListening = fields.Length == 8 && fields[7] == path
                && (int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Accepts) != 0;
            if (isListening) yield return fields[6];
        }
    }

    private static IEnumerable<string> Lines(string table) => File.Exists(table) ? File.ReadLines(table).Skip(1).Take(LinesMax) : [];

    private static IEnumerable<string> Inodes(string table, IPEndPoint wanted)
    {
        foreach (string line in Lines(table))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != Listening) continue;
            string[] local = fields[1].Split(':');
            if (int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == wanted.Port
                && Overlaps(ToAddress(local[0]), wanted.Address))
                yield return fields[9];
        }
    }

    /// <summary>
    /// A wildcard overlaps with all: which of them are dual-stack the table does not say, and the bind has failed already.
    /// </summary>
    private static bool Overlaps(IPAddress held, IPAddress wanted) => held.Equals(wanted) || IsAny(held) || IsAny(wanted);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>Words of 32 bits in the machine's byte order.</summary>
    private static IPAddress ToAddress(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        for (int word = 0; BitConverter.IsLittleEndian && word < bytes.Length; word += 4) Array.Reverse(bytes, word, 4);
        IPAddress address = new(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static bool Has(string folder, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(file => new FileInfo(file).LinkTarget is { } target
                && target.StartsWith("socket:[", StringComparison.Ordinal) && inodes.Contains(target[8..^1]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return false;
        }
    }

    private static string NameOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "a process";
        }
    }
}
