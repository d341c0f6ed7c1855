using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Texts;

/// <summary>The version of this build. A constant, any thread.</summary>
internal static class ProgramVersion
{
    /// <summary>Digits of a commit: enough to find it in any repository of this size.</summary>
    private const int CommitDigits = 12;

    private static string Informational =>
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Text;

    /// <summary>Three numbers.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);

    /// <summary>The commit, as far as it is written; empty where git did not know it.</summary>
    public static string Commit { get; } = CommitOf(Informational);

    /// <summary>
    /// Two lines for people: what was built, from which commit where git knew it, and what runs it. A native build has its runtime in it.
    /// </summary>
    public static string Full { get; } = Describe(
        Informational, RuntimeInformation.FrameworkDescription, RuntimeFeature.IsDynamicCodeSupported,
        RuntimeInformation.RuntimeIdentifier);

    /// <param name="informational">The version, and after '+' the commit (AssemblyInformationalVersionAttribute).</param>
    internal static string Describe(string informational, string framework, bool compilesAtRunTime, string platform)
    {
        string commit = CommitOf(informational) is { Length: > 0 } known ? $", commit {known}" : "";
        string version = informational.Split('+', 2)[0];
        return $"fasttcpproxy {version}{commit}\n{framework}, {(compilesAtRunTime ? "JIT" : "native AOT")}, {platform}";
    }

    private static string CommitOf(string informational) =>
        informational.Split('+', 2) is [_, var commit] ? commit[..Math.Min(commit.Length, CommitDigits)] : "";
}
