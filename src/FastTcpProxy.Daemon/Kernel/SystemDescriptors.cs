using System.Globalization;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>Whether the system as a whole, and not this process alone, has run out of descriptors. Any thread.</summary>
internal static class SystemDescriptors
{
    /// <summary>Allocated, unused, and the most that there may be (fs.file-nr, proc_sys_fs(5)).</summary>
    private const string Numbers = "/proc/sys/fs/file-nr";

    /// <summary>"Too many open files in system" (errno(3)).</summary>
    private const int Enfile = 23;

    /// <summary>What is left for root alone, and what was given back since a process found none, in hundredths of the limit.</summary>
    private const long NearPercent = 99;

    /// <summary>Asks the kernel.</summary>
    public static bool AreUsedUp()
    {
        try
        {
            return AreUsedUp(File.ReadAllText(Numbers));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file needs a descriptor itself.
            return e is IOException { HResult: Enfile };
        }
    }

    internal static bool AreUsedUp(string numbers)
    {
        string[] fields = numbers.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 3 && long.TryParse(fields[0], CultureInfo.InvariantCulture, out long used)
            && long.TryParse(fields[2], CultureInfo.InvariantCulture, out long max) && used >= max / 100 * NearPercent && max > 0;
    }
}
