using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>
/// The codes of configuration problems. A code keeps its meaning for ever and is not reused: scripts and documentation refer to it.
/// C0xx are errors, C1xx warnings. Constants, any thread.
/// </summary>
public static class ConfigurationCodes
{
    /// <summary>There is no such file.</summary>
    public const string FileMissing = "C001";

    /// <summary>The file may not be read.</summary>
    public const string FileDenied = "C002";

    /// <summary>The path names a directory, a pipe, a device, or a file without content.</summary>
    public const string FileNotRegular = "C003";

    /// <summary>The file is larger than what is read of one.</summary>
    public const string FileTooLarge = "C004";

    /// <summary>Reading the file failed.</summary>
    public const string FileUnreadable = "C005";

    /// <summary>The text is not JSON.</summary>
    public const string NotJson = "C010";

    /// <summary>There is nothing but white space and comments.</summary>
    public const string Empty = "C011";

    /// <summary>The bytes are not UTF-8.</summary>
    public const string NotUtf8 = "C012";

    /// <summary>Objects and lists are nested deeper than <see cref="ConfigurationLimits.DepthMax"/>.</summary>
    public const string TooDeep = "C013";

    /// <summary>A key occurs twice in one object.</summary>
    public const string DuplicateKey = "C014";

    /// <summary>The key does not exist.</summary>
    public const string UnknownKey = "C020";

    /// <summary>A required key is absent.</summary>
    public const string MissingKey = "C021";

    /// <summary>The value is of another JSON type.</summary>
    public const string WrongType = "C022";

    // C023 was a key of a later version of the program. It stays unused.

    /// <summary>The value has the right form and is outside its bounds.</summary>
    public const string OutOfRange = "C030";

    /// <summary>The text has not the form that the key takes.</summary>
    public const string Malformed = "C031";

    /// <summary>The text is none of the words that the key takes.</summary>
    public const string NotAChoice = "C032";

    /// <summary>A list has too few or too many items.</summary>
    public const string ListLength = "C033";

    /// <summary>A list holds the same value twice.</summary>
    public const string DuplicateItem = "C034";

    /// <summary>Two services, or two upstreams of one service, have one name.</summary>
    public const string DuplicateName = "C040";

    /// <summary>An address is listened on twice.</summary>
    public const string DuplicateListen = "C041";

    /// <summary>A wildcard address claims the connections of another one.</summary>
    public const string OverlappingListen = "C042";

    /// <summary>A service is its own upstream.</summary>
    public const string UpstreamIsListener = "C043";

    /// <summary>A key of a health check belongs to another type of check.</summary>
    public const string KeyOfOtherType = "C044";

    /// <summary>A header that a check cannot send: its name is no token, or the client sets it by itself.</summary>
    public const string RefusedHeader = "C045";

    /// <summary>A template is no valid value once it is filled in for an upstream.</summary>
    public const string TemplateFails = "C046";

    /// <summary>A file that the configuration names is missing, may not be read, or does not hold what it should.</summary>
    public const string FileUnusable = "C047";

    /// <summary>The keys of a check contradict each other: it would find every upstream down.</summary>
    public const string CheckNeverGood = "C048";

    /// <summary>A reload changes what only a start can.</summary>
    public const string NeedsRestart = "C050";

    /// <summary>A reload listens where it cannot.</summary>
    public const string CannotListen = "C051";

    /// <summary>The administrative interface would listen on TCP without a token.</summary>
    public const string AdminWithoutToken = "C052";

    /// <summary>The administrative interface would listen on an address that is not loopback without TLS.</summary>
    public const string AdminWithoutTls = "C053";

    /// <summary>A mode or a group where there is no file of a UNIX socket.</summary>
    public const string NotASocketFile = "C054";

    /// <summary>A step of a check neither sends nor expects, or does both.</summary>
    public const string UnclearStep = "C055";

    /// <summary>A check has steps beside the keys that they stand for.</summary>
    public const string StepsBesideOthers = "C056";

    /// <summary>A reload logs where it cannot.</summary>
    public const string CannotLog = "C064";

    /// <summary>The times of hedge, suspect or passive contradict each other, or the connect timeout.</summary>
    public const string FailoverTimes = "C070";

    /// <summary>More problems than are shown.</summary>
    public const string MoreProblems = "C099";

    /// <summary>The upstreams one after another can keep a client waiting for long.</summary>
    public const string LongConnectWait = "C101";

    /// <summary>totalConnectTimeout ends before the second upstream is tried.</summary>
    public const string NoTimeForFailover = "C102";

    /// <summary>acceptProxy believes every peer.</summary>
    public const string TrustsEverybody = "C103";

    /// <summary>Two upstreams of one service have one address.</summary>
    public const string SameUpstreamAddress = "C104";

    /// <summary>Some upstreams of a service get a header and others none.</summary>
    public const string MixedModes = "C105";

    /// <summary>A key asks for what no upstream's mode can carry.</summary>
    public const string NoEffect = "C106";

    /// <summary>The idle timeout ends a session before keep-alive has probed it.</summary>
    public const string IdleBeforeKeepAlive = "C107";

    /// <summary>A service's bound on sessions is above that of the process.</summary>
    public const string SessionsAboveEngine = "C108";

    // C109 was a key that an earlier version of the program did not serve. It stays unused.

    /// <summary>A key of a health check or of an export, or one that needs one, has no effect beside the others.</summary>
    public const string CheckKeyWithoutEffect = "C110";

    /// <summary>A check may take longer than the interval between two.</summary>
    public const string CheckLongerThanInterval = "C111";

    /// <summary>A key of TCP listeners of the administrative interface, which has none.</summary>
    public const string AdminKeyWithoutEffect = "C112";

    /// <summary>The token belongs to a user that only a proxy of the same user takes it from.</summary>
    public const string TokenOfAnotherUser = "C113";

    /// <summary>A check sends a PROXY header where clients' connections have none, or the reverse.</summary>
    public const string CheckHeaderAgainstMode = "C114";

    /// <summary>A text that is taken as it is and was probably meant otherwise: a variable, a space at its end.</summary>
    public const string DoubtfulText = "C115";

    /// <summary>A file is where the state directory should be.</summary>
    public const string StateDirectoryIsAFile = "C116";

    /// <summary>A key of the log that its target has no use for.</summary>
    public const string LogKeyWithoutEffect = "C140";

    /// <summary>A key that avoids the wait for an upstream has no effect, or little, without something else.</summary>
    public const string FailoverKeyWithoutEffect = "C170";

    /// <summary>A key of guards has no effect without another one, or leaves no client to serve.</summary>
    public const string GuardKeyWithoutEffect = "C180";
}
