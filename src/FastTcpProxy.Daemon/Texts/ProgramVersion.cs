namespace FastTcpProxy.Daemon.Texts;

/// <summary>The version of this build. A constant, any thread.</summary>
internal static class ProgramVersion
{
    /// <summary>As <c>--version</c> prints it.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
