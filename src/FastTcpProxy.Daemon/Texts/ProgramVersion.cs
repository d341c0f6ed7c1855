using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Texts;

/// <summary>The version of this build. A constant, any thread.</summary>
internal static class ProgramVersion
{
    /// <summary>Digits of a commit: enough to find it in any repository of this size.</summary>
    private const int CommitDigits = 12;

    /// <summary>Three numbers.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// Two lines for people: what was built, from which commit where git knew it, and what runs it. A native build has its runtime in it.
    /// </summary>
    public static string Full { get; } = Describe(
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Text,
        RuntimeInformation.FrameworkDescription, RuntimeFeature.IsDynamicCodeSupported, RuntimeInformation.RuntimeIdentifier);

    /// <param name="informational">The version, and after '+' the commit (AssemblyInformationalVersionAttribute).</param>
    internal static string Describe(string informational, string framework, bool compilesAtRunTime, string platform)
    {
        string[] parts = informational.Split('+', 2);
        string commit = parts.Length > 1 && parts[1].Length > 0 ? $", commit {parts[1][..Math.Min(parts[1].Length, CommitDigits)]}" : "";
        return $"fasttcpproxy {parts[0]}{commit}\n{framework}, {(compilesAtRunTime ? "JIT" : "native AOT")}, {platform}";
    }
}
