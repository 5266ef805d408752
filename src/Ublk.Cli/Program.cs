using Ublk.Cli;
using Ublk.Cli.Helpers;

return Helper.Run(args) ?? await CommandLine.RunAsync(args, Console.Out, Console.Error);
