using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Systemd;

/// <summary>A descriptor that the service manager opened for this process; the process owns it. Immutable.</summary>
/// <param name="Descriptor">3 or above.</param>
/// <param name="Name">FileDescriptorName= of its unit; "unknown" where none was given.</param>
internal readonly record struct ActivatedDescriptor(int Descriptor, string Name);

/// <summary>
/// The sockets that the service manager listens on for the program (sd_listen_fds(3)): they are there before the program, and stay when it
/// dies, so no client is refused meanwhile. Read once, at the start, by the main thread.
/// </summary>
internal static class SocketActivation
{
    public const string ProcessVariable = "LISTEN_PID", CountVariable = "LISTEN_FDS", NamesVariable = "LISTEN_FDNAMES";

    /// <summary>The first descriptor that is passed (SD_LISTEN_FDS_START).</summary>
    public const int First = 3;

    /// <summary>Descriptors: as many as a manager may hold by its own default limit, far more than there are addresses.</summary>
    public const int DescriptorsMax = 65_536;

    private const string Unnamed = "unknown";

    /// <summary>
    /// Takes the descriptors from the environment, and the variables with them: they are meant for this process alone, and no child
    /// inherits them. Empty when the manager passed none.
    /// </summary>
    /// <exception cref="FormatException">The variables do not make sense, or a descriptor is not open; the message says what was
    /// expected.</exception>
    public static ImmutableArray<ActivatedDescriptor> FromEnvironment()
    {
        string? process = Take(ProcessVariable), count = Take(CountVariable), names = Take(NamesVariable);
        ImmutableArray<ActivatedDescriptor> passed = Parse(process, count, names, Environment.ProcessId);
        foreach (ActivatedDescriptor one in passed) KeepFromChildren(one.Descriptor);
        return passed;
    }

    /// <param name="process">The process for which they are; another one's are not touched.</param>
    /// <param name="count">How many.</param>
    /// <param name="names">One for each, with colons between them; null where the manager gives none.</param>
    /// <param name="processId">This process.</param>
    public static ImmutableArray<ActivatedDescriptor> Parse(string? process, string? count, string? names, int processId)
    {
        if (string.IsNullOrEmpty(process) || string.IsNullOrEmpty(count)) return [];
        if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int meant) || meant <= 0)
            throw new FormatException($"{ProcessVariable} is \"{process}\", expected a process id");
        if (meant != processId) return [];
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int passed) || passed > DescriptorsMax)
            throw new FormatException($"{CountVariable} is \"{count}\", expected a number from 0 to {DescriptorsMax}");
        string[]? given = string.IsNullOrEmpty(names) ? null : names.Split(':');
        if (given is not null && given.Length != passed)
            throw new FormatException($"{NamesVariable} has {Counted.Of(given.Length, "name")}, expected {passed} as {CountVariable} says");
        return [.. Enumerable.Range(0, passed).Select(i => new ActivatedDescriptor(First + i, given?[i] ?? Unnamed))];
    }

    /// <summary>Sets FD_CLOEXEC, which is not set when descriptors are passed by exec.</summary>
    /// <exception cref="FormatException">It is not open.</exception>
    public static void KeepFromChildren(int fd)
    {
        if (!NativeDescriptor.SetCloseOnExec(fd)) throw new FormatException($"{CountVariable} promises descriptor {fd}, which is not open");
    }

    private static string? Take(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
