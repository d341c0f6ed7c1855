using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.Versioning;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What can be wrong with the file itself gives one error, at once. Owns a directory that goes away with it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fasttcpproxy-configuration-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_ValidFile_IsRead()
    {
        ConfigurationResult result = ConfigurationLoader.Load(Create("a.json", Given.Service()));

        Assert.Empty(result.Errors);
        Assert.NotNull(result.Configuration);
    }

    [Fact]
    public void Load_SymbolicLinks_AreFollowed()
    {
        string target = Create("a.json", Given.Service());
        string first = Path.Combine(_directory, "first");
        string second = Path.Combine(_directory, "second");
        File.CreateSymbolicLink(first, target);
        File.CreateSymbolicLink(second, "first");

        Assert.NotNull(ConfigurationLoader.Load(second).Configuration);
        File.Delete(target);
        CheckError(second, "C001");
    }

    /// <summary>What the system says names the path first, and is longer than what is shown of a value.</summary>
    [Fact]
    public void Load_LinkToItself_IsErrorWithTheWholeReason()
    {
        string link = Path.Combine(_directory, new string('l', 100));
        File.CreateSymbolicLink(link, Path.GetFileName(link));

        ConfigurationError error = Assert.Single(ConfigurationLoader.Load(link).Errors);

        Assert.Equal("C005", error.Code);
        Assert.Contains(link, error.Message);
        Assert.DoesNotContain("...", error.Message);
    }

    [Theory]
    [InlineData("missing.json")]
    [InlineData("missing/a.json")]
    public void Load_MissingFile_IsError(string name) => CheckError(Path.Combine(_directory, name), "C001");

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Load_NoPath_IsError(string path) => CheckError(path, "C001");

    [Fact]
    public void Load_FileAsDirectory_IsError() =>
        Assert.Single(ConfigurationLoader.Load(Path.Combine(Create("a.json", "{}"), "b.json")).Errors);

    [Fact]
    public void Load_OverlongPath_IsError() => Assert.Single(ConfigurationLoader.Load("/" + new string('x', 10_000)).Errors);

    [Fact]
    public void Load_Directory_IsError() => CheckError(_directory, "C003");

    [Fact]
    public void Load_EmptyFile_IsError() => CheckError(Create("a.json", ""), "C003");

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/dev/urandom")]
    public void Load_Device_IsErrorAndReadsNothing(string path) => CheckError(path, "C003");

    [Fact]
    public async Task Load_Pipe_IsErrorAndDoesNotWaitForAWriter()
    {
        string pipe = Path.Combine(_directory, "pipe");
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);

        ConfigurationResult result = await Task.Run(() => ConfigurationLoader.Load(pipe)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("C003", Assert.Single(result.Errors).Code);
    }

    [Fact]
    public void Load_PipeByDescriptor_IsErrorThatSaysSo()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);

        CheckError($"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", "C003");
    }

    [Fact]
    public void Load_LinkToDevice_IsError()
    {
        string link = Path.Combine(_directory, "zero");
        File.CreateSymbolicLink(link, "/dev/zero");

        CheckError(link, "C003");
    }

    [Fact]
    public void Load_FileAtTheLimit_IsReadAndAboveIsRefused()
    {
        string valid = Given.Service();
        string atLimit = Create("a.json", valid + new string(' ', ConfigurationFile.BytesMax - valid.Length));
        string above = Create("b.json", valid + new string(' ', ConfigurationFile.BytesMax - valid.Length + 1));

        Assert.NotNull(ConfigurationLoader.Load(atLimit).Configuration);
        CheckError(above, "C004");
        Assert.Equal("C004", Assert.Single(ConfigurationLoader.Parse(File.ReadAllBytes(above), above).Errors).Code);
    }

    [Fact]
    public void Load_FileOf50MiB_IsRefusedBySize()
    {
        string path = Path.Combine(_directory, "big.json");
        using (FileStream big = File.Create(path))
            big.SetLength(50 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();

        ConfigurationError error = CheckError(path, "C004");

        Assert.Equal("the file has 52428800 bytes, expected at most 1048576", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Load_NoPermission_IsError()
    {
        string path = Create("a.json", Given.Service());
        File.SetUnixFileMode(path, UnixFileMode.None);
        // A privileged user may read any file of a disk; the kernel still refuses him files of sysfs that cannot be read at all.
        const string WriteOnly = "/sys/bus/cpu/drivers_probe";

        CheckError(Environment.IsPrivilegedProcess && File.Exists(WriteOnly) ? WriteOnly : path, "C002");
    }

    [Fact]
    public void Explain_AnyFault_NamesTheFileAndTheKind()
    {
        Assert.Equal("C002", ConfigurationFile.Explain("a", new UnauthorizedAccessException()).Code);
        Assert.Equal("C001", ConfigurationFile.Explain("a", new FileNotFoundException()).Code);
        Assert.Equal("C001", ConfigurationFile.Explain("a", new DirectoryNotFoundException()).Code);
        Assert.Equal("a:1:1: error C005: the file cannot be read: Input/output error",
            ConfigurationFile.Explain("a", new IOException("Input/output error")).ToString());
    }

    [Fact]
    public void TryReadStandardInput_AnyStream_IsReadOrExplained()
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(Given.Service());

        Assert.Equal(text, ConfigurationFile.TryReadStandardInput(new MemoryStream(text), out _));
        Assert.Null(ConfigurationFile.TryReadStandardInput(new MemoryStream(), out ConfigurationError? empty));
        Assert.StartsWith("<stdin>:1:1: error C011: standard input is empty, expected a JSON object", empty!.ToString());
        var atLimit = new MemoryStream(new byte[ConfigurationFile.BytesMax]);
        Assert.Equal(ConfigurationFile.BytesMax, ConfigurationFile.TryReadStandardInput(atLimit, out _)!.Length);
        var above = new MemoryStream(new byte[ConfigurationFile.BytesMax + 1]);
        Assert.Null(ConfigurationFile.TryReadStandardInput(above, out ConfigurationError? large));
        Assert.StartsWith("<stdin>:1:1: error C004: standard input has more than 1048576 bytes", large!.ToString());
    }

    [Fact]
    public void TryRead_StandardInputAgain_IsErrorThatSaysWhatToDo()
    {
        Assert.Null(ConfigurationFile.TryRead("-", out ConfigurationError? error));

        Assert.Equal("<stdin>:1:1: error C050: the configuration came from standard input, which cannot be read again, "
            + "expected a start with --config FILE for reloads", error!.ToString());
    }

    private static ConfigurationError CheckError(string path, string code)
    {
        ConfigurationResult result = ConfigurationLoader.Load(path);
        ConfigurationError error = Assert.Single(result.Errors);
        Assert.Null(result.Configuration);
        Assert.Equal((path, 1, 1, code), (error.File, error.Line, error.Column, error.Code));
        return error;
    }

    private string Create(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }
}
