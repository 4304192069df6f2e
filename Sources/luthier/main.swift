import Builtins
import Foundation
import Shell

exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
